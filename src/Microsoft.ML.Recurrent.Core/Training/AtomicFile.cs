namespace Microsoft.ML.Recurrent.Training;

/// <summary>Writes files atomically.</summary>
internal static class AtomicFile
{
    private const string Suffix = ".tmp";

    // Path.GetRandomFileName: eight characters, a dot, three characters.
    private const int RandomLength = 12;

    /// <summary>
    /// Writes a temporary file beside <paramref name="path"/>, flushes it to disk and renames it. On failure, an existing file at the path is unchanged. What a
    /// writer of the same path has left that was killed is removed.
    /// </summary>
    public static void Write(string path, Action<Stream> write)
    {
        path = Path.GetFullPath(path);
        foreach (var left in Beside(path, Suffix, static middle => middle.Length == RandomLength)) DeleteUnused(left);
        var temporary = $"{path}.{Path.GetRandomFileName()}{Suffix}";
        try
        {
            // Open until it has its name, so that others see that it is in use.
            using var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
            write(stream);
            stream.Flush(flushToDisk: true);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>The files whose names are that of <paramref name="path"/>, a dot, something between, and a suffix.</summary>
    public static IEnumerable<string> Beside(string path, string suffix, Func<string, bool> between)
    {
        var (folder, start) = (Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileName(path) + ".");
        return !Directory.Exists(folder) ? [] : [.. Directory.EnumerateFiles(folder).Where(file =>
        {
            var name = Path.GetFileName(file);
            return name.Length > start.Length + suffix.Length && name.StartsWith(start, StringComparison.Ordinal)
                && name.EndsWith(suffix, StringComparison.Ordinal) && between(name[start.Length..^suffix.Length]);
        })];
    }

    /// <summary>Deletes a file, unless someone has it open or it cannot be deleted.</summary>
    public static void DeleteUnused(string file)
    {
        try
        {
            using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
            }
            File.Delete(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It does no harm where it is; the next writer tries again.
        }
    }
}
