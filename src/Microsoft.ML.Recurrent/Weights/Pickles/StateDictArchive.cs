using System.IO.Compression;
using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Pickles;

/// <summary>
/// Reads what PyTorch 1.6 and newer write by <c>torch.save</c>: a zip archive of a pickle, <c>NAME/data.pkl</c>, and the numbers of each storage,
/// <c>NAME/data/0</c> and so on.
/// </summary>
internal static class StateDictArchive
{
    private const string Pickle = "/data.pkl";

    /// <summary>Whether an archive has a pickle.</summary>
    public static bool Matches(ZipArchive archive) => archive.Entries.Any(entry => entry.FullName.EndsWith(Pickle, StringComparison.Ordinal));

    public static WeightsFile Read(string path, ZipArchive archive, string? section)
    {
        var pickle = archive.Entries.Where(entry => entry.FullName.EndsWith(Pickle, StringComparison.Ordinal)).ToArray() is [var one] ? one
            : throw new InvalidDataException($"it has several entries *{Pickle}");
        var folder = pickle.FullName[..^Pickle.Length];
        if (archive.GetEntry($"{folder}/code/") is not null
            || archive.Entries.Any(entry => entry.FullName.StartsWith($"{folder}/code/", StringComparison.Ordinal)))
            throw new InvalidDataException("it is a TorchScript program. Save the weights alone in Python: torch.save(model.state_dict(), path)");
        if (archive.GetEntry($"{folder}/byteorder") is { } order && Text(order) is var text and not "little")
            throw new InvalidDataException($"its numbers have the byte order '{text}'; only little-endian numbers are read");
        using var stream = new MemoryStream(ArchiveEntry.Read(pickle));
        return new(path, "a state dict of PyTorch", StateDict.Find(PickleMachine.Load(stream), section, Storage), archive);

        byte[] Storage(PickledStorage storage)
        {
            var entry = archive.GetEntry($"{folder}/data/{storage.Key}")
                ?? throw new InvalidDataException($"it has no entry '{folder}/data/{storage.Key}', which its pickle refers to");
            var count = checked(storage.Count * storage.Type.Size);
            return entry.Length == count ? ArchiveEntry.Read(entry)
                : throw new InvalidDataException($"its entry '{entry.FullName}' has {entry.Length} bytes; its pickle says {count}");
        }
    }

    private static string Text(ZipArchiveEntry entry) => entry.Length > 16 ? "unknown" : System.Text.Encoding.ASCII.GetString(ArchiveEntry.Read(entry)).Trim();
}
