using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent;

/// <content>Recurrent layers with options, convolution, attention and normalization.</content>
public sealed partial class SequenceNetwork
{
    /// <summary>Adds a long short-term memory layer with options.</summary>
    /// <param name="hiddenSize">Size of the memory, at least 1.</param>
    /// <param name="options">What the layer has beyond its size.</param>
    public SequenceNetwork Lstm(int hiddenSize, RecurrentLayerOptions options) => Recurrent(RecurrentCell.Lstm, hiddenSize, options);

    /// <summary>Adds a layer of gated recurrent units with options.</summary>
    /// <param name="hiddenSize">Size of the state, at least 1.</param>
    /// <param name="options">What the layer has beyond its size.</param>
    public SequenceNetwork Gru(int hiddenSize, RecurrentLayerOptions options) => Recurrent(RecurrentCell.Gru, hiddenSize, options);

    /// <summary>Adds a simple recurrent layer with options.</summary>
    /// <param name="hiddenSize">Size of the state, at least 1.</param>
    /// <param name="options">What the layer has beyond its size.</param>
    public SequenceNetwork SimpleRnn(int hiddenSize, RecurrentLayerOptions options) => Recurrent(RecurrentCell.SimpleRnn, hiddenSize, options);

    /// <summary>
    /// Adds a layer of any recurrent cell. An option that the cell does not have is refused when the network is made;
    /// <see cref="RecurrentLayerOptions.Activation"/> and <see cref="RecurrentLayerOptions.ResetAfter"/> have no effect on other cells than those that they
    /// name.
    /// </summary>
    /// <param name="cell">The cell.</param>
    /// <param name="hiddenSize">Hidden units, at least 1: the size of the state, or with a projection that of the memory.</param>
    /// <param name="options">What the layer has beyond its size; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is less than 1, or there is no such cell.</exception>
    public SequenceNetwork Recurrent(RecurrentCell cell, int hiddenSize, RecurrentLayerOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hiddenSize, 1);
        if (!Enum.IsDefined(cell))
            throw new ArgumentOutOfRangeException(nameof(cell), cell, $"There is no such cell. Choose {string.Join(", ", Enum.GetNames<RecurrentCell>())}.");
        options ??= new();
        return Add(new RecurrentDescription(NameFor(CellDescriptor.For(cell).Name, options.Name), cell, hiddenSize)
        {
            Bidirectional = options.Bidirectional, Merge = options.Merge, Residual = options.Residual, Dilation = options.Dilation,
            Projection = options.Projection, Activation = options.Activation, ResetAfter = options.ResetAfter, InputDropout = options.InputDropout,
            RecurrentDropout = options.RecurrentDropout, ZoneoutHidden = options.ZoneoutHidden, ZoneoutCell = options.ZoneoutCell,
            LayerNormalization = options.LayerNormalization,
        });
    }

    /// <summary>Adds a convolution over time: [rows, time, features] to [rows, time after, filters].</summary>
    /// <param name="filters">Numbers of a step that come out, at least 1.</param>
    /// <param name="kernelSize">Steps of the window, at least 1.</param>
    /// <param name="stride">Steps from window to window. Where lengths vary, a stride above 1 needs causal padding.</param>
    /// <param name="padding">What lies outside of the sequence. Valid needs sequences of a fixed length.</param>
    /// <param name="activation">The activation.</param>
    /// <param name="name">Unique within the network; <c>convolution_1</c>, ... where not given.</param>
    public SequenceNetwork Convolution(int filters, int kernelSize, int stride = 1, ConvolutionPadding padding = ConvolutionPadding.Same,
        DenseActivation activation = DenseActivation.Relu, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(filters, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(kernelSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        return Add(new ConvolutionDescription(NameFor("convolution", name), filters, kernelSize) { Stride = stride, Padding = padding,
            Activation = activation });
    }

    /// <summary>
    /// Adds attention of each sequence's last state over all its states, which makes one vector of all steps: [rows, time, features] to [rows, 2 x features],
    /// the context and the last state side by side (Luong et al. 2015). It takes the place of a <see cref="Pool"/>.
    /// </summary>
    /// <param name="form">How states are scored.</param>
    /// <param name="units">Of the additive form: size of its hidden layer; 0 for as many as features.</param>
    /// <param name="name">Unique within the network; <c>attention_1</c> where not given.</param>
    public SequenceNetwork Attention(AttentionForm form = AttentionForm.General, int units = 0, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(units);
        return Add(new AttentionDescription(NameFor("attention", name), form) { Units = units });
    }

    /// <summary>Adds multi-head self-attention over the steps (Vaswani et al. 2017): the shape is kept, steps past a sequence's length are not seen.</summary>
    /// <param name="heads">Equal parts into which the features are cut, at least 1.</param>
    /// <param name="causal">Whether a step sees only the steps up to itself.</param>
    /// <param name="residual">Whether the layer's input is added to its output.</param>
    /// <param name="name">Unique within the network; <c>self_attention_1</c>, ... where not given.</param>
    public SequenceNetwork SelfAttention(int heads, bool causal = false, bool residual = true, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        return Add(new SelfAttentionDescription(NameFor("self_attention", name), heads) { Causal = causal, Residual = residual });
    }

    /// <summary>Adds layer normalization of the features of each step (Ba et al. 2016).</summary>
    /// <param name="name">Unique within the network; <c>layer_norm_1</c>, ... where not given.</param>
    public SequenceNetwork LayerNorm(string? name = null) => Add(new LayerNormDescription(NameFor("layer_norm", name)));

    /// <summary>Adds batch normalization of each feature over the true steps of a batch (Ioffe and Szegedy 2015); at inference by running figures.</summary>
    /// <param name="momentum">The share of a batch's figures in the running ones, from 0 to 1.</param>
    /// <param name="name">Unique within the network; <c>batch_norm_1</c>, ... where not given.</param>
    public SequenceNetwork BatchNorm(float momentum = 0.1f, string? name = null) => momentum is >= 0 and <= 1
        ? Add(new BatchNormDescription(NameFor("batch_norm", name)) { Momentum = momentum })
        : throw new ArgumentOutOfRangeException(nameof(momentum), momentum, "The momentum lies from 0 to 1.");

    /// <summary>Adds an element-wise activation.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="name">Unique within the network; <c>activation_1</c>, ... where not given.</param>
    public SequenceNetwork Activation(DenseActivation activation, string? name = null) =>
        Add(new ActivationDescription(NameFor("activation", name), activation));
}
