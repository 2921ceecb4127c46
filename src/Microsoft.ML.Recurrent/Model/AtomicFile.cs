namespace Microsoft.ML.Recurrent.Model;

/// <summary>Writes files atomically.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes a temporary file beside <paramref name="path"/>, flushes it to disk and renames it. On failure, an existing file at the path is unchanged.
    /// </summary>
    public static void Write(string path, Action<Stream> write) => Write((path, write));

    /// <summary>Writes several files that belong together: all or none. Readers open the last one first.</summary>
    public static void Write(params ReadOnlySpan<(string Path, Action<Stream> Write)> files)
    {
        string[] paths = new string[files.Length], temporary = new string[files.Length], replaced = new string[files.Length];
        var moved = 0;
        try
        {
            for (var i = 0; i < files.Length; i++)
            {
                paths[i] = Path.GetFullPath(files[i].Path);
                temporary[i] = $"{paths[i]}.{Path.GetRandomFileName()}.tmp";
                replaced[i] = temporary[i] + ".old";
                using var stream = new FileStream(temporary[i], FileMode.CreateNew, FileAccess.Write, FileShare.None);
                files[i].Write(stream);
                stream.Flush(flushToDisk: true);
            }
            for (; moved < files.Length - 1; moved++)
            {
                if (File.Exists(paths[moved])) File.Move(paths[moved], replaced[moved]);
                File.Move(temporary[moved], paths[moved], overwrite: true);
            }
            File.Move(temporary[^1], paths[^1], overwrite: true);
            foreach (var old in replaced) File.Delete(old);
        }
        catch
        {
            for (var i = 0; i < files.Length; i++)
            {
                if (temporary[i] is null) continue;
                File.Delete(temporary[i]);
                if (File.Exists(replaced[i])) File.Move(replaced[i], paths[i], overwrite: true);
                else if (i < moved) File.Delete(paths[i]);
            }
            throw;
        }
    }
}
