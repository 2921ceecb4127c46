namespace Microsoft.ML.Recurrent.Weights.Files;

/// <summary>Reads of a fixed number of bytes from files that may lie about their sizes.</summary>
internal static class BoundedStream
{
    // Memory is taken as the bytes come, so a declared size costs nothing that the file does not hold.
    private const int Chunk = 1 << 20;

    /// <summary>Reads a range of a file.</summary>
    /// <exception cref="EndOfStreamException">The file ends before.</exception>
    public static byte[] ReadRange(Stream file, long offset, long count)
    {
        if (offset < 0 || count < 0 || count > Array.MaxLength || offset > file.Length - count) throw new EndOfStreamException();
        file.Position = offset;
        var bytes = new byte[count];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Reads a stream of unknown length, such as an entry of an archive, that must have a number of bytes.</summary>
    /// <exception cref="InvalidDataException">The stream has another number of bytes.</exception>
    public static byte[] ReadAll(Stream stream, long count, string name)
    {
        if (count > Array.MaxLength) throw new InvalidDataException($"its entry '{name}' has {count} bytes; at most {Array.MaxLength} can be read");
        using var read = new MemoryStream((int)Math.Min(count, Chunk));
        var buffer = new byte[Math.Min(count + 1, Chunk)];
        int got;
        while ((got = stream.Read(buffer)) > 0)
        {
            read.Write(buffer, 0, got);
            if (read.Length > count) break;
        }
        return read.Length == count ? read.ToArray()
            : throw new InvalidDataException($"its entry '{name}' does not have the {count} bytes that are declared");
    }
}
