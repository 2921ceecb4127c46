using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// A trained recurrent model, held by the transformer of every trainer; it can be saved, exported and scored. It is one ONNX graph, from raw columns to
/// predictions, with the network description and the training history in the metadata.
/// </summary>
public sealed class RecurrentModel
{
    private readonly ModelBytes _file;
    private readonly ModelMetadata _metadata;
    private readonly Lazy<string> _identity;

    private RecurrentModel(ModelBytes file, ModelMetadata metadata)
    {
        // Whether an epoch has a perplexity is not in the file.
        var history = metadata.History;
        if (metadata.Manifest is { Language: not null } or { Translation: not null })
            history = history with { Epochs = [.. history.Epochs.Select(epoch => epoch with { HasPerplexity = true })] };
        (_file, _metadata) = (file, metadata with { History = history });
        _identity = new(_file.Identity);
    }

    /// <summary>The training history, epoch by epoch. A loaded model has no timings: see <see cref="TrainingHistory"/>.</summary>
    public TrainingHistory History => _metadata.History;

    /// <summary>Which parameters began as those of a model of another task; null where there was none.</summary>
    public TransferReport? Transfer => Manifest.Transfer;

    /// <summary>
    /// The SHA-256 of the trained weights, with their names and shapes, in hexadecimal: equal for models whose weights are the same bits, also if the files
    /// differ, as those of two runs with different times in their histories do.
    /// </summary>
    public string WeightsSha256 => _file.WeightsDigest();

    /// <summary>The task, the columns and the saved state of the model.</summary>
    internal ModelManifest Manifest => _metadata.Manifest;

    /// <summary>The metadata records of the file.</summary>
    internal ModelMetadata Metadata => _metadata;

    /// <summary>The network, without weights.</summary>
    /// <exception cref="InvalidOperationException">The model is a foreign graph that is scored unchanged.</exception>
    internal NetworkDescription Description => _metadata.Network
        ?? throw new InvalidOperationException(
            "This model is the graph of another framework, for scoring only. To train it, load its file by mlContext.Model.LoadRecurrentOnnx.");

    /// <summary>Equal for equal models: the SHA-256 of the file.</summary>
    internal string Identity => _identity.Value;

    /// <summary>
    /// A table of the layers with their output shapes and parameter counts, as printed by Keras. Layers that were frozen in training are marked, and count as
    /// fixed. Below it stands <see cref="Transfer"/>, where there is one.
    /// </summary>
    /// <returns>The table as text, lines ended by '\n'.</returns>
    public string Summary()
    {
        var states = Manifest.States is { } carried
            ? $"Carries states along each series: {string.Join(", ", carried.Select(state => $"{state.Input} [{state.Size}]"))}.\n" : "";
        if (Manifest.StepStates is { } step)
            states += $"From a file of single steps, with the states {string.Join(", ", step)}: here they begin at zero, and a SequenceStream carries "
                + "them from step to step.\n";
        if (_metadata.Network is null) return ForeignSummary.Create(_file.Parse()) + states;
        using var network = ToNetwork();
        foreach (var layer in Manifest.FrozenLayers ?? []) network.Freeze(layer);
        return network.Summary() + states + (Transfer is null ? "" : $"{Transfer}\n");
    }

    /// <summary>Creates the model of a foreign graph with the inputs and outputs of the manifest.</summary>
    internal static RecurrentModel Create(ModelProto graph, ModelManifest manifest)
    {
        manifest.Validate();
        return Create(graph, new ModelMetadata(manifest, null, new() { Epochs = [], BestEpoch = 0, End = TrainingEnd.Completed }));
    }

    /// <summary>Creates a model from a graph and its metadata.</summary>
    internal static RecurrentModel Create(ModelProto graph, ModelMetadata metadata, long limit = ModelBytes.Limit) =>
        new(ModelBytes.Create(graph, metadata, limit), metadata);

    /// <summary>Loads a model file, and its external weights if there are any.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a model, or are truncated; the message says what is wrong.</exception>
    internal static RecurrentModel Load(byte[] bytes, Stream? weights = null)
    {
        var (file, metadata) = ModelBytes.Read(bytes, weights);
        return new(file, metadata);
    }

    /// <summary>The same graph with another manifest, of the same inputs and outputs.</summary>
    internal RecurrentModel With(ModelManifest manifest) => new(_file, _metadata with { Manifest = manifest });

    /// <summary>The bytes of the ONNX file.</summary>
    internal ModelBytes File() => _file;

    /// <summary>The parsed ONNX model, including all weights.</summary>
    internal ModelProto Proto() => _file.Parse();

    /// <summary>Loads the network with its weights from the graph, for further training.</summary>
    internal Network ToNetwork() => NetworkReader.Read(Description, Proto().Graph);

    /// <summary>Whether there is a fixed parameter of the head with a name.</summary>
    internal bool HasParameter(string name) => Proto().Graph.Initializer.Any(tensor => tensor.Name == name);

    /// <summary>The values of a fixed parameter of the head, by name.</summary>
    internal float[] HeadParameter(string name) => NetworkReader.Values(Proto().Graph, name);
}
