using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Safetensors;

/// <summary>
/// Reads safetensors files: the length of a JSON header (8 bytes, little-endian), the header with type, shape and range of each tensor, and the numbers.
/// </summary>
internal static class SafetensorsReader
{
    /// <summary>Bytes of the length of the header.</summary>
    public const int Prefix = 8;

    // The limit of the format's own readers.
    private const long HeaderLimit = 100_000_000;

    /// <summary>Whether a file begins as this format does.</summary>
    public static bool Matches(ReadOnlySpan<byte> start) =>
        start.Length > Prefix && start[Prefix] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(start) <= HeaderLimit;

    public static WeightsFile Read(string path, Stream file)
    {
        var length = BinaryPrimitives.ReadInt64LittleEndian(BoundedStream.ReadRange(file, 0, Prefix));
        if (length is < 2 or > HeaderLimit || length > file.Length - Prefix)
            throw new InvalidDataException($"its header should have {length} bytes, but the file has {file.Length - Prefix}");
        using var header = JsonDocument.Parse(BoundedStream.ReadRange(file, Prefix, length),
            new() { MaxDepth = 8, AllowDuplicateProperties = false });
        var tensors = new List<StoredTensor>();
        foreach (var entry in header.RootElement.EnumerateObject())
            if (entry.Name != "__metadata__") tensors.Add(Tensor(entry.Name, entry.Value, file, Prefix + length));
        // The common writer sorts tensors by the size of their type and by name.
        return new(path, "safetensors", tensors, file) { IsOrdered = false };
    }

    private static StoredTensor Tensor(string name, JsonElement entry, Stream file, long start)
    {
        var code = entry.GetProperty("dtype").GetString();
        long[] shape = Integers(entry.GetProperty("shape")), range = Integers(entry.GetProperty("data_offsets"));
        var type = NumberType.All.FirstOrDefault(known => known.Name == code)
            ?? throw new InvalidDataException($"the tensor '{name}' has numbers of the type {code}, which is not supported");
        if (range is not [>= 0, var to] || to < range[0] || to > file.Length - start)
            throw new InvalidDataException($"the tensor '{name}' lies at {entry.GetProperty("data_offsets")}, outside the {file.Length - start} bytes of data");
        var count = StoredTensor.Check(name, shape, type, to - range[0]) * type.Size;
        if (count != to - range[0])
            throw new InvalidDataException($"the tensor '{name}' [{string.Join(", ", shape)}] takes {count} bytes, but its range has {to - range[0]}");
        return new(name, shape, type, () => type.Decode(BoundedStream.ReadRange(file, start + range[0], count)));
    }

    private static long[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(size => size.GetInt64())];
}
