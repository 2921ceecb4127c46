using System.IO.Compression;

namespace Microsoft.ML.Recurrent.Weights.Files;

/// <summary>Reads entries of zip archives, which may be forged or damaged.</summary>
internal static class ArchiveEntry
{
    // Weights hardly shrink. Compressed ones are read, but a small file does not become a large one.
    private const long Large = 1 << 24, MostCompression = 20;

    private const int Bits = 8;

    // The polynomial of zip's checksum, its bits reversed.
    private const uint Polynomial = 0xedb88320;

    private static readonly uint[] s_table = [.. Enumerable.Range(0, 1 << Bits).Select(static index => Divide((uint)index))];

    /// <summary>Reads an entry.</summary>
    /// <exception cref="InvalidDataException">The entry is too large for its compressed bytes, or is changed or truncated.</exception>
    public static byte[] Read(ZipArchiveEntry entry)
    {
        if (entry.Length > Large && entry.Length / MostCompression > entry.CompressedLength)
            throw new InvalidDataException($"its entry '{entry.FullName}' of {entry.CompressedLength} bytes becomes {entry.Length}");
        using var stream = entry.Open();
        var bytes = BoundedStream.ReadAll(stream, entry.Length, entry.FullName);
        var checksum = uint.MaxValue;
        foreach (var value in bytes) checksum = s_table[(byte)checksum ^ value] ^ (checksum >> Bits);
        return ~checksum == entry.Crc32 ? bytes : throw new InvalidDataException($"its entry '{entry.FullName}' is changed: the checksum is wrong");
    }

    private static uint Divide(uint value)
    {
        for (var bit = 0; bit < Bits; bit++) value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ Polynomial;
        return value;
    }
}
