using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// A trained recurrent model: what every trainer's transformer holds, and what is saved, exported and scored. It is one ONNX graph, from raw columns to
/// answers, with the network's description and the training run's history in the file's metadata.
/// </summary>
public sealed class RecurrentModel
{
    private readonly ModelBytes _file;
    private readonly ModelMetadata _metadata;
    private readonly Lazy<string> _identity;

    private RecurrentModel(ModelBytes file, ModelMetadata metadata)
    {
        (_file, _metadata) = (file, metadata);
        _identity = new(_file.Identity);
    }

    /// <summary>How the training run went, epoch by epoch. A loaded model's has no clock figures: see <see cref="TrainingHistory"/>.</summary>
    public TrainingHistory History => _metadata.History;

    /// <summary>The task, the columns and what else the model must know when it is loaded.</summary>
    internal ModelManifest Manifest => _metadata.Manifest;

    /// <summary>What the file holds beside its graph.</summary>
    internal ModelMetadata Metadata => _metadata;

    /// <summary>The network, apart from its weights.</summary>
    /// <exception cref="InvalidOperationException">The model is a foreign graph, which is scored as it is.</exception>
    internal NetworkDescription Description => _metadata.Network
        ?? throw new InvalidOperationException(
            "This model is another framework's graph, which is scored as it is. To train it further, read its file by mlContext.Model.LoadRecurrentOnnx.");

    /// <summary>Equal for equal models: the SHA-256 of the file's bytes.</summary>
    internal string Identity => _identity.Value;

    /// <summary>A table of the network's layers with their output shapes and numbers of parameters, as Keras prints it.</summary>
    /// <returns>The table as text, lines ended by '\n'.</returns>
    public string Summary()
    {
        if (_metadata.Network is null) return ForeignSummary.Create(_file.Parse());
        using var network = ToNetwork();
        return network.Summary();
    }

    /// <summary>Makes the model of a foreign graph that takes and gives what the manifest says.</summary>
    internal static RecurrentModel Create(ModelProto graph, ModelManifest manifest)
    {
        manifest.Validate();
        return Create(graph, new ModelMetadata(manifest, null, new() { Epochs = [], BestEpoch = 0, End = TrainingEnd.Completed }));
    }

    /// <summary>Makes a model of a graph that was written with this metadata.</summary>
    internal static RecurrentModel Create(ModelProto graph, ModelMetadata metadata, long limit = ModelBytes.Limit) =>
        new(ModelBytes.Create(graph, metadata, limit), metadata);

    /// <summary>Reads a model's file, and that of its weights where they lie apart.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such model, or not whole; the message says what is wrong.</exception>
    internal static RecurrentModel Load(byte[] bytes, Stream? weights = null)
    {
        var (file, metadata) = ModelBytes.Read(bytes, weights);
        return new(file, metadata);
    }

    /// <summary>The ONNX file's bytes.</summary>
    internal ModelBytes File() => _file;

    /// <summary>The ONNX file, read, with all its weights.</summary>
    internal ModelProto Proto() => _file.Parse();

    /// <summary>The network with its weights, read back from the graph, to be trained further.</summary>
    internal Network ToNetwork() => NetworkReader.Read(Description, Proto().Graph);

    /// <summary>The values of a head's own fixed parameter, by its name.</summary>
    internal float[] HeadParameter(string name) => NetworkReader.Values(Proto().Graph, name);
}
