using System.Buffers.Binary;
using System.Numerics;
using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Pickles;

/// <summary>
/// Reads what PyTorch before 1.6 wrote by <c>torch.save</c>: a magic number, a version, sizes of the machine, the value and the keys of its storages, each a
/// pickle; then for each key a count of 8 bytes and the numbers.
/// </summary>
internal static class OldStateDict
{
    private const long Version = 1001;

    private static readonly BigInteger s_magic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Whether a file begins as this format does: with a pickle.</summary>
    public static bool Matches(ReadOnlySpan<byte> start) => start is [0x80, >= 2 and <= 5, 0x8a, 10, ..];

    public static WeightsFile Read(string path, Stream file, string? section)
    {
        if (PickleMachine.Load(file) is not BigInteger magic || magic != s_magic || PickleMachine.Load(file) is not Version)
            throw new InvalidDataException("it begins with a pickle, but is no file of torch.save");
        if (PickleMachine.Load(file) is not PickledDictionary machine || machine.Named.FirstOrDefault(entry => entry.Key == "little_endian").Value is not true)
            throw new InvalidDataException("its numbers are not little-endian");
        var storages = new Dictionary<string, PickledStorage>();
        var root = PickleMachine.Load(file, storages);
        if (PickleMachine.Load(file) is not List<object?> keys) throw new InvalidDataException("it has no list of storages");
        var start = file.Position;
        return new(path, "a state dict of PyTorch before 1.6", StateDict.Find(root, section, Storage), file);

        byte[] Storage(PickledStorage storage)
        {
            var at = start;
            foreach (var key in keys)
            {
                var count = BinaryPrimitives.ReadInt64LittleEndian(BoundedStream.ReadRange(file, at, 8));
                if (key as string == storage.Key)
                    return count == storage.Count ? BoundedStream.ReadRange(file, at + 8, checked(count * storage.Type.Size))
                        : throw new InvalidDataException($"its storage '{storage.Key}' has {count} numbers; its pickle says {storage.Count}");
                at = checked(at + 8 + count * (key is string other && storages.TryGetValue(other, out var known) ? known.Type.Size
                    : throw new InvalidDataException($"its pickle does not refer to the storage '{key}'")));
            }
            throw new InvalidDataException($"it has no storage '{storage.Key}', which its pickle refers to");
        }
    }
}
