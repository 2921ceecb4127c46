using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent;

/// <content>Recurrent layers with options, convolution, attention and normalization.</content>
public sealed partial class SequenceNetwork
{
    /// <summary>Adds an LSTM layer with options.</summary>
    /// <param name="hiddenSize">Hidden units, at least 1.</param>
    /// <param name="options">Options of the layer.</param>
    public SequenceNetwork Lstm(int hiddenSize, RecurrentLayerOptions options) => Recurrent(RecurrentCell.Lstm, hiddenSize, options);

    /// <summary>Adds a GRU layer with options.</summary>
    /// <param name="hiddenSize">Hidden units, at least 1.</param>
    /// <param name="options">Options of the layer.</param>
    public SequenceNetwork Gru(int hiddenSize, RecurrentLayerOptions options) => Recurrent(RecurrentCell.Gru, hiddenSize, options);

    /// <summary>Adds a simple RNN layer with options.</summary>
    /// <param name="hiddenSize">Hidden units, at least 1.</param>
    /// <param name="options">Options of the layer.</param>
    public SequenceNetwork SimpleRnn(int hiddenSize, RecurrentLayerOptions options) => Recurrent(RecurrentCell.SimpleRnn, hiddenSize, options);

    /// <summary>
    /// Adds a recurrent layer of any cell. Options that the cell does not support cause an error when the network is built;
    /// <see cref="RecurrentLayerOptions.Activation"/> and <see cref="RecurrentLayerOptions.ResetAfter"/> are ignored by other cells than a simple RNN and a
    /// GRU, respectively.
    /// </summary>
    /// <param name="cell">The cell.</param>
    /// <param name="hiddenSize">Hidden units, at least 1: the size of the state or, with a projection, of the memory.</param>
    /// <param name="options">Options of the layer; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is less than 1, or the cell is unknown.</exception>
    public SequenceNetwork Recurrent(RecurrentCell cell, int hiddenSize, RecurrentLayerOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hiddenSize, 1);
        if (!Enum.IsDefined(cell))
            throw new ArgumentOutOfRangeException(nameof(cell), cell, $"Unknown cell. Choose {string.Join(", ", Enum.GetNames<RecurrentCell>())}.");
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
    /// <param name="filters">Output features, at least 1.</param>
    /// <param name="kernelSize">Steps of the kernel, at least 1.</param>
    /// <param name="stride">The stride. If lengths vary, a stride above 1 needs causal padding.</param>
    /// <param name="padding">The padding. Valid needs sequences of a fixed length.</param>
    /// <param name="activation">The activation.</param>
    /// <param name="name">Unique within the network; null for <c>convolution_1</c>, ...</param>
    public SequenceNetwork Convolution(int filters, int kernelSize, int stride = 1, ConvolutionPadding padding = ConvolutionPadding.Same,
        DenseActivation activation = DenseActivation.Relu, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(filters, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(kernelSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        return Add(new ConvolutionDescription(NameFor("convolution", name), filters, kernelSize)
        {
            Stride = stride, Padding = padding,
            Activation = activation
        });
    }

    /// <summary>
    /// Adds attention with the last state of each sequence as the query over all its states: [rows, time, features] to [rows, 2 x features], the context and
    /// the last state concatenated (Luong et al. 2015). It replaces a <see cref="Pool"/>.
    /// </summary>
    /// <param name="form">The scoring function.</param>
    /// <param name="units">For the additive form: hidden units; 0 for the number of features.</param>
    /// <param name="name">Unique within the network; null for <c>attention_1</c>.</param>
    public SequenceNetwork Attention(AttentionForm form = AttentionForm.General, int units = 0, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(units);
        return Add(new AttentionDescription(NameFor("attention", name), form) { Units = units });
    }

    /// <summary>Adds multi-head self-attention over the steps (Vaswani et al. 2017). Keeps the shape; steps past the length of a sequence are masked.</summary>
    /// <param name="heads">The number of heads, at least 1; divides the features.</param>
    /// <param name="causal">Whether a step sees only steps up to itself.</param>
    /// <param name="residual">Whether the input is added to the output.</param>
    /// <param name="name">Unique within the network; null for <c>self_attention_1</c>, ...</param>
    public SequenceNetwork SelfAttention(int heads, bool causal = false, bool residual = true, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        return Add(new SelfAttentionDescription(NameFor("self_attention", name), heads) { Causal = causal, Residual = residual });
    }

    /// <summary>Adds layer normalization of the features of each step (Ba et al. 2016).</summary>
    /// <param name="name">Unique within the network; null for <c>layer_norm_1</c>, ...</param>
    public SequenceNetwork LayerNorm(string? name = null) => Add(new LayerNormDescription(NameFor("layer_norm", name)));

    /// <summary>Adds batch normalization of each feature over the valid steps of a batch (Ioffe and Szegedy 2015); inference uses running statistics.</summary>
    /// <param name="momentum">The weight of a batch in the running statistics, from 0 to 1.</param>
    /// <param name="name">Unique within the network; null for <c>batch_norm_1</c>, ...</param>
    public SequenceNetwork BatchNorm(float momentum = 0.1f, string? name = null) => momentum is >= 0 and <= 1
        ? Add(new BatchNormDescription(NameFor("batch_norm", name)) { Momentum = momentum })
        : throw new ArgumentOutOfRangeException(nameof(momentum), momentum, "The momentum must be from 0 to 1.");

    /// <summary>Adds an element-wise activation.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="name">Unique within the network; null for <c>activation_1</c>, ...</param>
    public SequenceNetwork Activation(DenseActivation activation, string? name = null) =>
        Add(new ActivationDescription(NameFor("activation", name), activation));
}
