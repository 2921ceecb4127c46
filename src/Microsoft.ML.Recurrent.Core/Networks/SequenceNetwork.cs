using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// The layers of a custom network, for the options of a trainer: <c>SequenceNetwork.Create().Lstm(64, bidirectional:
/// true).Dropout(0.3f).Pool(SequencePooling.Mean)</c>. Immutable: each call returns a new network. The trainer adds input normalization before these layers and
/// the task's linear layer after them. Without a <see cref="Pool"/> the last state is used.
/// </summary>
public sealed partial class SequenceNetwork
{
    private readonly ImmutableArray<LayerDescription> _layers;

    private SequenceNetwork(ImmutableArray<LayerDescription> layers) => _layers = layers;

    /// <summary>A network without layers.</summary>
    public static SequenceNetwork Create() => new([]);

    /// <summary>
    /// Adds an LSTM layer (Hochreiter and Schmidhuber 1997): [rows, time, features] to [rows, time, hiddenSize], twice that if bidirectional.
    /// </summary>
    /// <param name="hiddenSize">Size of the state, at least 1.</param>
    /// <param name="bidirectional">Whether a second direction reads the sequence backward; its states are concatenated to those of the first.</param>
    /// <param name="name">Unique within the network; null for <c>lstm_1</c>, <c>lstm_2</c>, ...</param>
    public SequenceNetwork Lstm(int hiddenSize, bool bidirectional = false, string? name = null) => Lstm(hiddenSize, Options(bidirectional, name));

    /// <summary>
    /// Adds a GRU layer (Cho et al. 2014) with the reset gate after the recurrent product, as in cuDNN and ONNX's <c>linear_before_reset</c>.
    /// </summary>
    /// <param name="hiddenSize">Size of the state, at least 1.</param>
    /// <param name="bidirectional">Whether a second direction reads the sequence backward; its states are concatenated to those of the first.</param>
    /// <param name="name">Unique within the network; null for <c>gru_1</c>, <c>gru_2</c>, ...</param>
    public SequenceNetwork Gru(int hiddenSize, bool bidirectional = false, string? name = null) => Gru(hiddenSize, Options(bidirectional, name));

    /// <summary>Adds a simple RNN layer (Elman 1990).</summary>
    /// <param name="hiddenSize">Size of the state, at least 1.</param>
    /// <param name="bidirectional">Whether a second direction reads the sequence backward; its states are concatenated to those of the first.</param>
    /// <param name="name">Unique within the network; null for <c>rnn_1</c>, <c>rnn_2</c>, ...</param>
    /// <param name="activation">The activation of the state.</param>
    public SequenceNetwork SimpleRnn(int hiddenSize, bool bidirectional = false, string? name = null,
        RecurrentActivation activation = RecurrentActivation.Tanh) =>
        SimpleRnn(hiddenSize, Options(bidirectional, name, activation));

    /// <summary>Adds a token embedding, as the first layer of a network for token sequences: [rows, time] to [rows, time, size].</summary>
    /// <param name="size">Embedding size, at least 1.</param>
    /// <param name="name">Unique within the network; null for <c>embedding_1</c>.</param>
    public SequenceNetwork Embedding(int size, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return Add(new EmbeddingDescription(NameFor("embedding", name), size));
    }

    /// <summary>Adds dropout: in training each value is 0 with the given probability, otherwise divided by 1 - rate (Srivastava et al. 2014).</summary>
    /// <param name="rate">From 0 to less than 1.</param>
    /// <param name="name">Unique within the network; null for <c>dropout_1</c>, ...</param>
    /// <param name="sharedOverTime">Whether the same features are dropped at all steps of a sequence (variational dropout, Gal and Ghahramani 2016).</param>
    public SequenceNetwork Dropout(float rate, string? name = null, bool sharedOverTime = false) => rate is >= 0 and < 1
        ? Add(new DropoutDescription(NameFor("dropout", name), rate) { SharedOverTime = sharedOverTime })
        : throw new ArgumentOutOfRangeException(nameof(rate), rate, "A dropout rate must be at least 0 and less than 1.");

    /// <summary>Adds a dense layer over the last axis; before a <see cref="Pool"/> it is applied to every time step.</summary>
    /// <param name="units">Output features, at least 1.</param>
    /// <param name="activation">The activation.</param>
    /// <param name="name">Unique within the network; null for <c>dense_1</c>, ...</param>
    public SequenceNetwork Dense(int units, DenseActivation activation = DenseActivation.Relu, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(units, 1);
        return Add(new DenseDescription(NameFor("dense", name), units, activation));
    }

    /// <summary>Pools all steps to one vector: [rows, time, features] to [rows, features]. Recurrent layers cannot follow.</summary>
    /// <param name="pooling">The kind of pooling.</param>
    /// <param name="name">Unique within the network; null for <c>pooling_1</c>.</param>
    /// <param name="reverseAtLastStep">
    /// For <see cref="SequencePooling.Last"/> after a bidirectional layer: whether the reverse direction is read at the last step too, where it has seen that
    /// step only, as <c>output[:, -1]</c> in PyTorch. Default: its last state, which has seen all steps.
    /// </param>
    public SequenceNetwork Pool(SequencePooling pooling, string? name = null, bool reverseAtLastStep = false) =>
        Add(new PoolingDescription(NameFor("pooling", name), pooling) { ReverseAtLastStep = reverseAtLastStep });

    /// <summary>A table of the layers with output shapes and numbers of parameters.</summary>
    /// <param name="features">Features per time step; if the first layer is an embedding, the size of the vocabulary.</param>
    /// <exception cref="ArgumentException">A layer does not fit its input; the message names the layer.</exception>
    public string Summary(int features)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        var tokens = _layers is [EmbeddingDescription, ..];
        var input = new LayerShape(Sequence: true, tokens ? 0 : features) { Vocabulary = tokens ? features : 0 };
        var layers = new List<Layer>();
        try
        {
            var shape = input;
            foreach (var description in Layers())
            {
                layers.Add(LayerFactory.Create(description, shape));
                shape = layers[^1].Output;
            }

            return NetworkSummary.Create(input, layers);
        }
        finally
        {
            foreach (var parameter in layers.SelectMany(layer => layer.Parameters)) parameter.Dispose();
        }
    }

    /// <summary>The layers as they were given.</summary>
    internal ImmutableArray<LayerDescription> Listed => _layers;

    /// <summary>The layers, ending in one vector per row.</summary>
    internal ImmutableArray<LayerDescription> Layers() =>
        _layers.Any(layer => layer is PoolingDescription or AttentionDescription)
            ? _layers
            : _layers.Add(new PoolingDescription(NameFor("pooling", null), SequencePooling.Last));

    /// <summary>The layers, ending in a sequence: <see cref="Layers"/> without the final pooling of last states.</summary>
    internal ImmutableArray<LayerDescription> StepLayers() =>
        _layers is [.., PoolingDescription { Pooling: SequencePooling.Last }] ? _layers.RemoveAt(_layers.Length - 1) : _layers;

    private static RecurrentLayerOptions Options(bool bidirectional, string? name, RecurrentActivation activation = RecurrentActivation.Tanh) =>
        new() { Name = name, Bidirectional = bidirectional, Activation = activation };

    private SequenceNetwork Add(LayerDescription layer) => new(_layers.Add(layer));

    private string NameFor(string kind, string? name)
    {
        if (name is null)
        {
            var number = 1;
            while (_layers.Any(layer => layer.Name == $"{kind}_{number}")) number++;
            return $"{kind}_{number}";
        }

        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || name is "head" or "input" or "static" or "future")
            throw new ArgumentException(
                $"'{name}' is not a valid layer name. A name consists of ASCII letters, digits and '_', and is not 'head', 'input', 'static' or 'future'.",
                nameof(name));
        return _layers.Any(layer => layer.Name == name)
            ? throw new ArgumentException($"There is already a layer named '{name}'. Names must be unique within a network.", nameof(name))
            : name;
    }
}
