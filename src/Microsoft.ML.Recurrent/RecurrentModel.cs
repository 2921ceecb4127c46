using System.Security.Cryptography;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Onnx.Import;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// A trained recurrent model: what every trainer's transformer holds, and what is saved, exported and scored. It is one ONNX graph, from raw columns to answers, with the
/// network's description and the training run's history in the file's metadata.
/// </summary>
public sealed class RecurrentModel
{
    private readonly byte[] _bytes;
    private readonly ModelMetadata _metadata;
    private readonly Lazy<string> _identity;

    private RecurrentModel(byte[] bytes, ModelMetadata metadata)
    {
        (_bytes, _metadata) = (bytes, metadata);
        _identity = new(() => Convert.ToHexString(SHA256.HashData(_bytes)));
    }

    /// <summary>How the training run went, epoch by epoch.</summary>
    public TrainingHistory History => _metadata.History;

    /// <summary>The task, the columns and what else the model must know when it is loaded.</summary>
    internal ModelManifest Manifest => _metadata.Manifest;

    /// <summary>What the file holds beside its graph.</summary>
    internal ModelMetadata Metadata => _metadata;

    /// <summary>The network, apart from its weights.</summary>
    /// <exception cref="InvalidOperationException">The model is a foreign graph, which is scored as it is.</exception>
    internal NetworkDescription Description => _metadata.Network
        ?? throw new InvalidOperationException("This model is another framework's graph, which is scored as it is. To train it further, read its file by mlContext.Model.LoadRecurrentOnnx.");

    /// <summary>Equal for equal models: the SHA-256 of the file's bytes.</summary>
    internal string Identity => _identity.Value;

    /// <summary>A table of the network's layers with their output shapes and numbers of parameters, as Keras prints it.</summary>
    /// <returns>The table as text, lines ended by '\n'.</returns>
    public string Summary()
    {
        if (_metadata.Network is null) return ForeignSummary.Of(ModelFile.Parse(_bytes));
        using var network = ToNetwork();
        return network.Summary();
    }

    /// <summary>Writes the model as one ONNX file, which any ONNX runtime scores: raw columns in, answers out.</summary>
    /// <remarks>
    /// The graph has one input for each source column, named like it: sequences are float [batch, time, features] (token sequences int64 [batch, time]), statics float [batch, n]. Where
    /// sequences vary in length there is one more input, <c>sequence_length</c>, int64 [batch]; rows are padded to the longest of the batch. The outputs are named
    /// like the columns that the transformer writes.
    /// </remarks>
    /// <param name="destination">The stream to write to; it is left open.</param>
    /// <param name="options">How to write it; null for the defaults.</param>
    /// <returns>What was written, and, where its precision is less than the model's own, by how much its answers differ.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="NotSupportedException">The model cannot be written in the form that was asked for; the message says why.</exception>
    public OnnxExportReport ExportToOnnx(Stream destination, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var export = OnnxExport.Create(this, options ?? new());
        destination.Write(export.Bytes.Span);
        return export.Report;
    }

    /// <inheritdoc cref="ExportToOnnx(Stream, OnnxExportOptions?)"/>
    /// <param name="path">The file to write. It is written beside itself first and then renamed: when writing fails, a file that was there before stays as it was.</param>
    /// <param name="options">How to write it; null for the defaults.</param>
    public OnnxExportReport ExportToOnnx(string path, OnnxExportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var export = OnnxExport.Create(this, options ?? new());
        AtomicFile.Write(path, stream => stream.Write(export.Bytes.Span));
        return export.Report;
    }

    /// <summary>Makes the model of a trained network: writes its graph. The head must be an <see cref="IOnnxHead"/>.</summary>
    internal static RecurrentModel Create(Network network, Head head, ModelManifest manifest, TrainingHistory history)
    {
        var metadata = new ModelMetadata(manifest, network.Description, history);
        return new(ModelFile.Write(NetworkExporter.Export(network, head, manifest), metadata), metadata);
    }

    /// <summary>Makes the model of a foreign graph that takes and gives what the manifest says.</summary>
    internal static RecurrentModel Create(ModelProto graph, ModelManifest manifest)
    {
        manifest.Validate();
        var metadata = new ModelMetadata(manifest, null, new() { Epochs = [], BestEpoch = 0, End = TrainingEnd.Completed, Elapsed = TimeSpan.Zero });
        return new(ModelFile.Write(graph, metadata), metadata);
    }

    /// <summary>Makes a model of a graph that was written with this metadata.</summary>
    internal static RecurrentModel Of(ModelProto graph, ModelMetadata metadata) => new(ModelFile.Write(graph, metadata), metadata);

    /// <summary>Reads what <see cref="Save"/> wrote, to the stream's end.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such model, or not whole; the message says what is wrong.</exception>
    internal static RecurrentModel Load(Stream source)
    {
        using var buffer = new MemoryStream();
        source.CopyTo(buffer);
        return Load(buffer.ToArray());
    }

    /// <inheritdoc cref="Load(Stream)"/>
    internal static RecurrentModel Load(byte[] bytes) => new(bytes, ModelFile.Read(bytes));

    /// <summary>Writes the model: the bytes of its ONNX file.</summary>
    internal void Save(Stream destination) => destination.Write(_bytes);

    /// <summary>The ONNX file's bytes.</summary>
    internal ReadOnlyMemory<byte> Graph() => _bytes;

    /// <summary>The network with its weights, read back from the graph, to be trained further.</summary>
    internal Network ToNetwork() => NetworkReader.Read(Description, ModelFile.Parse(_bytes).Graph);

    /// <summary>The values of a head's own fixed parameter, by its name.</summary>
    internal float[] HeadParameter(string name) => NetworkReader.Values(ModelFile.Parse(_bytes).Graph, name);
}
