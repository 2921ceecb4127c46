using System.Text;
using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.TorchSharp;

/// <summary>
/// Reads files of TorchSharp's <c>module.save</c>: a count, and for each tensor its name, type, rank, sizes and numbers. Integers are LEB128, names are
/// prefixed by their length, numbers are little-endian.
/// </summary>
internal static class TorchSharpReader
{
    // Of a name, and of the axes of a tensor.
    private const int NameLimit = 4096, RankLimit = 16;

    // The numbers of libtorch's ScalarType.
    private static readonly Dictionary<long, NumberType> s_types = new()
    {
        [0] = NumberType.UInt8, [1] = NumberType.Int8, [2] = NumberType.Int16, [3] = NumberType.Int32, [4] = NumberType.Int64, [5] = NumberType.Float16,
        [6] = NumberType.Float32, [7] = NumberType.Float64, [11] = NumberType.Boolean, [15] = NumberType.BFloat16,
    };

    public static WeightsFile Read(string path, Stream file)
    {
        using var reader = new BinaryReader(file, Encoding.UTF8, leaveOpen: true);
        var count = Number(reader);
        // An entry takes at least a byte for the length of its name, its type and its rank.
        if (count < 1 || count > file.Length / 3) throw new InvalidDataException($"it begins with a count of {count} tensors, for which it has no room");
        var tensors = new List<StoredTensor>();
        for (var i = 0; i < count; i++) tensors.Add(Tensor(reader, file));
        if (file.Position != file.Length)
            throw new InvalidDataException($"{file.Length - file.Position} bytes follow its {count} tensors");
        return tensors.Select(tensor => tensor.Name).Distinct().Count() == count ? new(path, "a file of TorchSharp's module.save", tensors, file)
            : throw new InvalidDataException("two of its tensors have the same name");
    }

    private static StoredTensor Tensor(BinaryReader reader, Stream file)
    {
        var length = Number(reader);
        if (length is < 1 or > NameLimit) throw new InvalidDataException($"a name of {length} bytes stands at byte {file.Position}");
        var name = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(BoundedStream.ReadRange(file, file.Position, length));
        var code = Number(reader);
        if (!s_types.TryGetValue(code, out var type))
            throw new InvalidDataException($"the tensor '{name}' has numbers of the type {code}, which is not supported");
        var rank = Number(reader);
        if (rank is < 0 or > RankLimit) throw new InvalidDataException($"the tensor '{name}' has {rank} axes");
        var shape = new long[rank];
        for (var axis = 0; axis < rank; axis++) shape[axis] = Number(reader);
        var start = file.Position;
        var bytes = StoredTensor.Check(name, shape, type, file.Length - start) * type.Size;
        file.Position = start + bytes;
        return new(name, shape, type, () => type.Decode(BoundedStream.ReadRange(file, start, bytes)));
    }

    private static long Number(BinaryReader reader) => reader.Read7BitEncodedInt64();
}
