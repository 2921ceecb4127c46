using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>
/// A model's file in memory: the graph's bytes, and, where all in one would pass a limit (the format's own is 2 GiB), the weights apart, as ONNX's external
/// data: they follow each other in a second file, whose SHA-256 stands in the graph's metadata.
/// </summary>
internal sealed class ModelBytes
{
    /// <summary>Bytes of one file at the most. Protobuf ends at 2 GiB; what is not counted exactly has room below.</summary>
    public const long Limit = int.MaxValue - (1L << 20);

    /// <summary>What the second file's name has more than the first's.</summary>
    public const string WeightsSuffix = ".data";

    // Shapes and other small constants stay in the graph, where runtimes look for them. Weights begin at a page of memory, so that they can be mapped.
    private const int LeastBytes = 1024, Alignment = 4096;

    private readonly byte[] _graph;
    private readonly ImmutableArray<ByteString> _weights;

    private ModelBytes(byte[] graph, ImmutableArray<ByteString> weights)
    {
        (_graph, _weights) = (graph, weights);
        foreach (var weight in weights) WeightsSize = Aligned(WeightsSize) + weight.Length;
    }

    /// <summary>The graph; all of the file unless weights lie apart.</summary>
    public ReadOnlyMemory<byte> Graph => _graph;

    public bool HasWeightsApart => !_weights.IsEmpty;

    /// <summary>Bytes of both files.</summary>
    public long Size => _graph.Length + WeightsSize;

    private long WeightsSize { get; }

    public static implicit operator ModelBytes(byte[] file) => new(file, []);

    /// <summary>
    /// Writes a model, with our records in its metadata or without. Where it passes <paramref name="limit"/>, its weights are put apart, and taken out of
    /// <paramref name="model"/>.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="metadata">Our records; null for a graph that is scored alone.</param>
    /// <param name="limit">Bytes of one file at the most.</param>
    /// <param name="name">The name of the file that it will be; the weights' is named after it.</param>
    public static ModelBytes Create(ModelProto model, ModelMetadata? metadata, long limit = Limit, string name = "model.onnx")
    {
        ModelFile.RemoveWeightsChecksum(model);
        var large = model.Graph.Initializer.Where(tensor => tensor.RawData.Length >= LeastBytes).ToArray();
        ImmutableArray<ByteString> weights = [.. large.Select(tensor => tensor.RawData)];
        foreach (var tensor in large) tensor.RawData = ByteString.Empty;
        bool apart = large.Length > 0 && model.CalculateSize() + weights.Sum(weight => (long)weight.Length) > limit;
        if (!apart)
        {
            for (int i = 0; i < large.Length; i++) large[i].RawData = weights[i];
            return metadata is null ? model.ToByteArray() : ModelFile.Write(model, metadata);
        }
        long offset = 0;
        for (int i = 0; i < large.Length; i++)
        {
            offset = Aligned(offset);
            Point(large[i], name + WeightsSuffix, offset, weights[i].Length);
            offset += weights[i].Length;
        }
        if (metadata is not null) ModelFile.SetWeightsChecksum(model, Checksum(weights));
        return new(metadata is null ? model.ToByteArray() : ModelFile.Write(model, metadata), weights);
    }

    /// <summary>Reads a model that was written with its records.</summary>
    /// <param name="graph">The first file's bytes.</param>
    /// <param name="weights">The second file, to be read from its beginning; null where there is none.</param>
    /// <exception cref="InvalidDataException">They are no such model, or not whole.</exception>
    public static (ModelBytes File, ModelMetadata Metadata) Read(byte[] graph, Stream? weights)
    {
        var metadata = ModelFile.Read(graph);
        var model = ModelFile.Parse(graph);
        var apart = model.Graph.Initializer.Where(tensor => tensor.DataLocation == TensorProto.Types.DataLocation.External)
            .Select(tensor => (Tensor: tensor, Offset: Entry(tensor, "offset"))).OrderBy(tensor => tensor.Offset).ToArray();
        if (apart.Length == 0) return (graph, metadata);
        if (weights is null) throw new InvalidDataException("The model's weights lie in a second file, which is missing.");
        var data = ImmutableArray.CreateBuilder<ByteString>(apart.Length);
        long position = 0;
        try
        {
            foreach (var (tensor, offset) in apart)
            {
                for (; position < offset; position++)
                    if (weights.ReadByte() < 0) throw new EndOfStreamException();
                byte[] bytes = new byte[checked((int)Entry(tensor, "length"))];
                weights.ReadExactly(bytes);
                position += bytes.Length;
                data.Add(UnsafeByteOperations.UnsafeWrap(bytes));
            }
        }
        catch (EndOfStreamException error)
        {
            throw new InvalidDataException("The file of the model's weights is truncated. Copy it anew, or save the model again.", error);
        }
        var file = new ModelBytes(graph, data.MoveToImmutable());
        return ModelFile.WeightsChecksum(model) == Checksum(file._weights) ? (file, metadata)
            : throw new InvalidDataException(
                "The file of the model's weights is corrupt, or belongs to another model: its checksum is wrong. Copy both files anew, or save the model "
                    + "again.");
    }

    /// <summary>The model with all its weights in it.</summary>
    public ModelProto Parse()
    {
        var model = ModelFile.Parse(_graph);
        int next = 0;
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
        byte[] padding = new byte[Alignment];
        long position = 0;
        foreach (var weight in _weights)
        {
            int gap = (int)(Aligned(position) - position);
            destination.Write(padding, 0, gap);
            destination.Write(weight.Span);
            position += gap + weight.Length;
        }
    }

    /// <summary>Writes the file, and the one of the weights beside it where there is one: both or none. Returns the bytes written.</summary>
    public long Write(string path)
    {
        if (!HasWeightsApart)
        {
            AtomicFile.Write(path, stream => stream.Write(_graph));
            return Size;
        }
        // The graph names the weights' file.
        var model = ModelFile.Parse(_graph);
        string name = Path.GetFileName(path) + WeightsSuffix;
        foreach (var tensor in model.Graph.Initializer)
            foreach (var entry in tensor.ExternalData.Where(entry => entry.Key == "location")) entry.Value = name;
        byte[] graph = ModelFile.IsOurs(model) ? ModelFile.Seal(model) : model.ToByteArray();
        AtomicFile.Write((path + WeightsSuffix, WriteWeights), (path, stream => stream.Write(graph)));
        return graph.Length + WeightsSize;
    }

    /// <summary>Equal for equal models.</summary>
    public string Identity() => Convert.ToHexString(SHA256.HashData(_graph));

    /// <summary>The SHA-256 of weights, in the order of their places.</summary>
    public static string Checksum(IEnumerable<ByteString> weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var weight in weights) hash.AppendData(weight.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>An integer of where a tensor's data lies; 0 where it is not named.</summary>
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
