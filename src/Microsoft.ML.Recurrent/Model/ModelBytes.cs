using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.ML.Recurrent.Onnx.Format;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>
/// A model file in memory: the bytes of the graph and, if one file would exceed a limit (2 GiB for ONNX), the weights as ONNX external data: a second file,
/// with its SHA-256 in the metadata of the graph.
/// </summary>
internal sealed class ModelBytes
{
    /// <summary>Maximum size of one file in bytes: below protobuf's limit of 2 GiB, with room for what is not counted exactly.</summary>
    public const long Limit = int.MaxValue - (1L << 20);

    /// <summary>The suffix of the name of the second file.</summary>
    public const string WeightsSuffix = ".data";

    // Shapes and other small constants stay in the graph, where runtimes expect them. Weights are page-aligned so that they can be memory-mapped.
    private const int LeastBytes = 1024, Alignment = 4096;

    // Characters of the checksum in the name of a weight file; the size in bytes up to which a file may be a graph without its weights.
    private const int VersionLength = 16, LargestGraph = 1 << 26;

    private readonly byte[] _graph;
    private readonly ImmutableArray<ByteString> _weights;

    private ModelBytes(byte[] graph, ImmutableArray<ByteString> weights)
    {
        (_graph, _weights) = (graph, weights);
        foreach (var weight in weights) WeightsSize = Aligned(WeightsSize) + weight.Length;
    }

    /// <summary>The graph; the whole file unless weights are external.</summary>
    public ReadOnlyMemory<byte> Graph => _graph;

    public bool HasWeightsApart => !_weights.IsEmpty;

    /// <summary>Total size of both files in bytes.</summary>
    public long Size => _graph.Length + WeightsSize;

    private long WeightsSize { get; }

    public static implicit operator ModelBytes(byte[] file) => new(file, []);

    /// <summary>
    /// Serializes a model, with or without metadata records. If it exceeds <paramref name="limit"/>, its weights become external data and are removed from
    /// <paramref name="model"/>.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="metadata">The metadata records; null for a graph for scoring only.</param>
    /// <param name="limit">Maximum size of one file in bytes.</param>
    /// <param name="name">The name of the file; the weight file is named after it.</param>
    public static ModelBytes Create(ModelProto model, ModelMetadata? metadata, long limit = Limit, string name = "model.onnx")
    {
        ModelFile.RemoveWeightsChecksum(model);
        var large = model.Graph.Initializer.Where(tensor => tensor.RawData.Length >= LeastBytes).ToArray();
        ImmutableArray<ByteString> weights = [.. large.Select(tensor => tensor.RawData)];
        foreach (var tensor in large) tensor.RawData = ByteString.Empty;
        var apart = large.Length > 0 && model.CalculateSize() + weights.Sum(weight => (long)weight.Length) > limit;
        if (!apart)
        {
            for (var i = 0; i < large.Length; i++) large[i].RawData = weights[i];
            return metadata is null ? model.ToByteArray() : ModelFile.Write(model, metadata);
        }
        long offset = 0;
        for (var i = 0; i < large.Length; i++)
        {
            offset = Aligned(offset);
            Point(large[i], name + WeightsSuffix, offset, weights[i].Length);
            offset += weights[i].Length;
        }
        if (metadata is not null) ModelFile.SetWeightsChecksum(model, Checksum(weights));
        return new(metadata is null ? model.ToByteArray() : ModelFile.Write(model, metadata), weights);
    }

    /// <summary>Loads a model with metadata records.</summary>
    /// <param name="graph">The bytes of the first file.</param>
    /// <param name="weights">The second file, read from its start; null for none.</param>
    /// <exception cref="InvalidDataException">The bytes are not such a model, or are truncated.</exception>
    public static (ModelBytes File, ModelMetadata Metadata) Read(byte[] graph, Stream? weights)
    {
        var metadata = ModelFile.Read(graph);
        var model = ModelFile.Parse(graph);
        var apart = model.Graph.Initializer.Where(tensor => tensor.DataLocation == TensorProto.Types.DataLocation.External)
            .Select(tensor => (Tensor: tensor, Offset: Entry(tensor, "offset"))).OrderBy(tensor => tensor.Offset).ToArray();
        if (apart.Length == 0) return (graph, metadata);
        if (weights is null) throw new InvalidDataException("The external weight file of the model is missing.");
        var data = ImmutableArray.CreateBuilder<ByteString>(apart.Length);
        long position = 0;
        try
        {
            foreach (var (tensor, offset) in apart)
            {
                for (; position < offset; position++)
                    if (weights.ReadByte() < 0) throw new EndOfStreamException();
                var bytes = new byte[checked((int)Entry(tensor, "length"))];
                weights.ReadExactly(bytes);
                position += bytes.Length;
                data.Add(UnsafeByteOperations.UnsafeWrap(bytes));
            }
        }
        catch (EndOfStreamException error)
        {
            throw new InvalidDataException("The external weight file of the model is truncated. Copy it again, or save the model again.", error);
        }
        var file = new ModelBytes(graph, data.MoveToImmutable());
        return ModelFile.WeightsChecksum(model) == Checksum(file._weights) ? (file, metadata)
            : throw new InvalidDataException(
                "The external weight file is corrupt or belongs to another model: its checksum is wrong. Copy both files again, or save the model "
                    + "again.");
    }

    /// <summary>Returns the model including all weights.</summary>
    public ModelProto Parse()
    {
        var model = ModelFile.Parse(_graph);
        var next = 0;
        foreach (var tensor in model.Graph.Initializer)
        {
            if (_weights.IsEmpty || tensor.DataLocation != TensorProto.Types.DataLocation.External) continue;
            tensor.RawData = _weights[next++];
            tensor.ExternalData.Clear();
            tensor.DataLocation = TensorProto.Types.DataLocation.Default;
        }
        return model;
    }

    /// <summary>Writes the second file.</summary>
    public void WriteWeights(Stream destination)
    {
        var padding = new byte[Alignment];
        long position = 0;
        foreach (var weight in _weights)
        {
            var gap = (int)(Aligned(position) - position);
            destination.Write(padding, 0, gap);
            destination.Write(weight.Span);
            position += gap + weight.Length;
        }
    }

    /// <summary>
    /// Writes the file and the weight file if there is one; returns the bytes written. Each version's weights have a name of their own, so the new graph comes
    /// into force, with its weights, when it is renamed. The weights of the version before are removed after that.
    /// </summary>
    public long Write(string path)
    {
        var before = Directory.Exists(path) ? [] : OldWeights(path);
        if (!HasWeightsApart)
        {
            AtomicFile.Write(path, stream => stream.Write(_graph));
            foreach (var old in before) AtomicFile.DeleteUnused(old);
            return Size;
        }
        // The graph contains the name of the weight file.
        var weights = $"{Path.GetFullPath(path)}.{Checksum(_weights)[..VersionLength]}{WeightsSuffix}";
        var model = ModelFile.Parse(_graph);
        foreach (var tensor in model.Graph.Initializer)
            foreach (var entry in tensor.ExternalData.Where(entry => entry.Key == "location")) entry.Value = Path.GetFileName(weights);
        var graph = ModelFile.IsOurs(model) ? ModelFile.Seal(model) : model.ToByteArray();
        AtomicFile.Write(weights, WriteWeights);
        try
        {
            AtomicFile.Write(path, stream => stream.Write(graph));
        }
        catch
        {
            // The same weights may be in use.
            if (!before.Contains(weights)) File.Delete(weights);
            throw;
        }
        foreach (var old in before.Where(old => old != weights)) AtomicFile.DeleteUnused(old);
        return graph.Length + WeightsSize;
    }

    // The weight files of versions before, those among them that were written without a graph by a process that was killed. Builds before named them PATH.data.
    private static string[] OldWeights(string path)
    {
        List<string> files =
            [.. AtomicFile.Beside(path, WeightsSuffix, static middle => middle.Length == VersionLength && middle.All(char.IsAsciiHexDigitLower))];
        var single = Path.GetFullPath(path) + WeightsSuffix;
        if (!File.Exists(path) || !File.Exists(single) || new FileInfo(path).Length > LargestGraph) return [.. files];
        try
        {
            if (ModelFile.Parse(File.ReadAllBytes(path)).Graph?.Initializer.Any(tensor =>
                tensor.ExternalData.Any(entry => entry.Key == "location" && entry.Value == Path.GetFileName(single))) is true) files.Add(single);
        }
        catch (InvalidDataException)
        {
            // No model of ours: the other file is not ours either.
        }
        return [.. files];
    }

    /// <summary>Equal for equal models.</summary>
    public string Identity() => Convert.ToHexString(SHA256.HashData(_graph));

    /// <summary>The SHA-256 of all constants of the graph with their names and shapes, wherever they are stored.</summary>
    public string WeightsDigest() => Checksum(Parse().Graph.Initializer.Select(static tensor => tensor.ToByteString()));

    /// <summary>The SHA-256 of the weights, in file order.</summary>
    public static string Checksum(IEnumerable<ByteString> weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var weight in weights) hash.AppendData(weight.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>An integer property of the external data of a tensor; 0 if not present.</summary>
    public static long Entry(TensorProto tensor, string key) =>
        tensor.ExternalData.FirstOrDefault(entry => entry.Key == key) is { } entry ? long.Parse(entry.Value, CultureInfo.InvariantCulture) : 0;

    private static long Aligned(long position) => (position + Alignment - 1) / Alignment * Alignment;

    private static void Point(TensorProto tensor, string location, long offset, long length)
    {
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add([
            new StringStringEntryProto { Key = "location", Value = location },
            new StringStringEntryProto { Key = "offset", Value = offset.ToString(CultureInfo.InvariantCulture) },
            new StringStringEntryProto { Key = "length", Value = length.ToString(CultureInfo.InvariantCulture) },
        ]);
    }
}
