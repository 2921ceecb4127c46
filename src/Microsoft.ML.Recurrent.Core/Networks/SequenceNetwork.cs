using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// The layers of a network of your own, for a trainer's options: <c>SequenceNetwork.Create().Lstm(64, bidirectional:
/// true).Dropout(0.3f).Pool(SequencePooling.Mean)</c>. Each call gives a new network and leaves the one it is called on as it is. Normalisation of the input
/// comes before these layers and the task's own linear map after them; both belong to the trainer. Without a <see cref="Pool"/> the last state is taken.
/// </summary>
public sealed partial class SequenceNetwork
{
    private readonly ImmutableArray<LayerDescription> _layers;

    private SequenceNetwork(ImmutableArray<LayerDescription> layers) => _layers = layers;

    /// <summary>A network without layers, to which layers are added.</summary>
    public static SequenceNetwork Create() => new([]);

    /// <summary>
    /// Adds a long short-term memory layer (Hochreiter and Schmidhuber 1997): [rows, time, features] to [rows, time, hiddenSize], twice that if bidirectional.
    /// </summary>
    /// <param name="hiddenSize">Size of the state, at least 1.</param>
    /// <param name="bidirectional">Whether a second direction reads the sequence backward; its states are joined to the first one's.</param>
    /// <param name="name">Unique within the network; <c>lstm_1</c>, <c>lstm_2</c>, ... where not given.</param>
    public SequenceNetwork Lstm(int hiddenSize, bool bidirectional = false, string? name = null) => Lstm(hiddenSize, Options(bidirectional, name));

    /// <summary>
    /// Adds a layer of gated recurrent units (Cho et al. 2014), the reset gate applied after the recurrent product as in cuDNN and ONNX's
    /// <c>linear_before_reset</c>.
    /// </summary>
    /// <param name="hiddenSize">Size of the state, at least 1.</param>
    /// <param name="bidirectional">Whether a second direction reads the sequence backward; its states are joined to the first one's.</param>
    /// <param name="name">Unique within the network; <c>gru_1</c>, <c>gru_2</c>, ... where not given.</param>
    public SequenceNetwork Gru(int hiddenSize, bool bidirectional = false, string? name = null) => Gru(hiddenSize, Options(bidirectional, name));

    /// <summary>Adds a simple recurrent layer (Elman 1990).</summary>
    /// <param name="hiddenSize">Size of the state, at least 1.</param>
    /// <param name="bidirectional">Whether a second direction reads the sequence backward; its states are joined to the first one's.</param>
    /// <param name="name">Unique within the network; <c>rnn_1</c>, <c>rnn_2</c>, ... where not given.</param>
    /// <param name="activation">The state's activation.</param>
    public SequenceNetwork SimpleRnn(int hiddenSize, bool bidirectional = false, string? name = null,
        RecurrentActivation activation = RecurrentActivation.Tanh) =>
        SimpleRnn(hiddenSize, Options(bidirectional, name, activation));

    /// <summary>Adds an embedding of tokens, as the first layer of a network for token sequences: [rows, time] to [rows, time, size].</summary>
    /// <param name="size">Length of a token's vector, at least 1.</param>
    /// <param name="name">Unique within the network; <c>embedding_1</c> where not given.</param>
    public SequenceNetwork Embedding(int size, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return Add(new EmbeddingDescription(NameFor("embedding", name), size));
    }

    /// <summary>Adds dropout: while training each number is 0 with the given probability and else divided by 1 - rate (Srivastava et al. 2014).</summary>
    /// <param name="rate">From 0 up to, but not including, 1.</param>
    /// <param name="name">Unique within the network; <c>dropout_1</c>, ... where not given.</param>
    /// <param name="sharedOverTime">Whether all steps of a sequence lose the same features (variational dropout, Gal and Ghahramani 2016).</param>
    public SequenceNetwork Dropout(float rate, string? name = null, bool sharedOverTime = false) => rate is >= 0 and < 1
        ? Add(new DropoutDescription(NameFor("dropout", name), rate) { SharedOverTime = sharedOverTime })
        : throw new ArgumentOutOfRangeException(nameof(rate), rate, "A dropout rate lies from 0 up to, but not including, 1.");

    /// <summary>Adds a dense layer over the last axis; before a <see cref="Pool"/> it works at every time step alike.</summary>
    /// <param name="units">Numbers that come out, at least 1.</param>
    /// <param name="activation">The activation.</param>
    /// <param name="name">Unique within the network; <c>dense_1</c>, ... where not given.</param>
    public SequenceNetwork Dense(int units, DenseActivation activation = DenseActivation.Relu, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(units, 1);
        return Add(new DenseDescription(NameFor("dense", name), units, activation));
    }

    /// <summary>Makes one vector of all steps: [rows, time, features] to [rows, features]. Recurrent layers cannot follow.</summary>
    /// <param name="pooling">How.</param>
    /// <param name="name">Unique within the network; <c>pooling_1</c> where not given.</param>
    public SequenceNetwork Pool(SequencePooling pooling, string? name = null) => Add(new PoolingDescription(NameFor("pooling", name), pooling));

    /// <summary>A table of the layers, the shapes of what they give and the numbers of their parameters.</summary>
    /// <param name="features">Numbers in one time step; for a network that begins with an embedding, the size of the vocabulary.</param>
    /// <exception cref="ArgumentException">A layer does not fit what goes into it; the message names the layer.</exception>
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

    /// <summary>The layers, ending in one vector a row.</summary>
    internal ImmutableArray<LayerDescription> Layers() =>
        _layers.Any(layer => layer is PoolingDescription or AttentionDescription)
            ? _layers
            : _layers.Add(new PoolingDescription(NameFor("pooling", null), SequencePooling.Last));

    /// <summary>The layers, ending in a sequence: what <see cref="Layers"/> gives without the last states' pooling at its end.</summary>
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
                $"'{name}' is no layer name. A name consists of ASCII letters, digits and '_', and is not 'head', 'input', 'static' or 'future'.",
                nameof(name));
        return _layers.Any(layer => layer.Name == name)
            ? throw new ArgumentException($"There is already a layer named '{name}'. Names must be unique within a network.", nameof(name))
            : name;
    }
}
