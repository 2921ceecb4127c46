using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Files;

/// <summary>Files of plain text: a text per line, or a text per file with its folder's name as the class.</summary>
internal static class TextFiles
{
    public static IDataView OpenLines(string path)
    {
        LineReader.Existing(path);
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Text", TextDataViewType.Instance);
        return new FileDataView(builder.ToSchema(), Rows);

        IEnumerable<object[]> Rows()
        {
            using var reader = new LineReader(path);
            while (reader.Read() is { } line)
                if (!string.IsNullOrWhiteSpace(line)) yield return [line.AsMemory()];
        }
    }

    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="ArgumentException">The folder has no subfolder with such a file.</exception>
    public static IDataView OpenFolders(string path, string searchPattern)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentException.ThrowIfNullOrWhiteSpace(searchPattern);
        if (!Directory.Exists(path)) throw new DirectoryNotFoundException($"The folder '{path}' does not exist.");
        if (!List().Any())
            throw new ArgumentException($"No subfolder of '{path}' has a file '{searchPattern}': each subfolder is a class, and holds its texts.",
                nameof(path));
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Text", TextDataViewType.Instance);
        builder.AddColumn("Label", TextDataViewType.Instance);
        builder.AddColumn("File", TextDataViewType.Instance);
        return new FileDataView(builder.ToSchema(), Rows);

        // In the same order on every machine.
        IEnumerable<(string Class, string File)> List() => Directory.GetDirectories(path).Order(StringComparer.Ordinal).SelectMany(folder =>
            Directory.GetFiles(folder, searchPattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .Select(file => (Path.GetFileName(folder), file)));

        IEnumerable<object[]> Rows()
        {
            foreach (var (name, file) in List())
                yield return [File.ReadAllText(file).AsMemory(), name.AsMemory(), Path.GetRelativePath(path, file).AsMemory()];
        }
    }
}
