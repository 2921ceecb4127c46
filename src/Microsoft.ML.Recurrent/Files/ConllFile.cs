using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Files;

/// <summary>Sentences of a CoNLL file: one line per token, its columns separated by blanks or tabs, and an empty line after each sentence.</summary>
internal static class ConllFile
{
    /// <param name="path">The file.</param>
    /// <param name="columns">The names of the columns, and their index in a line; a negative one counts from the last, -1.</param>
    public static IDataView Open(string path, (string Name, int Index)[] columns)
    {
        var schema = new DataViewSchema.Builder();
        foreach (var (name, _) in columns) schema.AddColumn(name, new VectorDataViewType(TextDataViewType.Instance));
        return new FileDataView(schema.ToSchema(), () => Rows(path, columns));
    }

    private static IEnumerable<object[]> Rows(string path, (string Name, int Index)[] columns)
    {
        using var reader = new LineReader(path);
        List<string[]> tokens = [];
        while (true)
        {
            var line = reader.Read();
            if (string.IsNullOrWhiteSpace(line))
            {
                if (tokens.Count > 0)
                    yield return [.. columns.Select((_, i) => (object)FileDataView.Vector(tokens.Select(token => token[i].AsMemory()).ToArray()))];
                if (line is null) yield break;
                tokens.Clear();
            }
            else if (!IsSkipped(line))
            {
                tokens.Add(Cells(reader, line, columns));
            }
        }
    }

    // Lines that stand for no token: comments of CoNLL-U, its ranges of contracted words (1-2) and its empty nodes (1.1), and document marks.
    private static bool IsSkipped(string line)
    {
        if (line.StartsWith("-DOCSTART-", StringComparison.Ordinal)) return true;
        // In CoNLL-U comments begin by "# "; a token # has columns after it.
        if (line.StartsWith("# ", StringComparison.Ordinal) || line is "#")
            return !line.Contains('\t', StringComparison.Ordinal) && line.Split(' ').Length != 2;
        var end = line.IndexOf('\t', StringComparison.Ordinal);
        var first = end < 0 ? default : line.AsSpan(0, end);
        return first.IndexOfAny('-', '.') > 0 && !first.ContainsAnyExcept("0123456789-.") && line.AsSpan().Count('\t') == 9;
    }

    private static string[] Cells(LineReader reader, string line, (string Name, int Index)[] columns)
    {
        // With tabs, a blank is part of a column.
        var cells = line.Contains('\t', StringComparison.Ordinal) ? line.Split('\t') : line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Array.ConvertAll(columns, column =>
        {
            var index = column.Index < 0 ? cells.Length + column.Index : column.Index;
            return index >= 0 && index < cells.Length ? cells[index] : throw new InvalidDataException(
                $"{reader.Path}, line {reader.Number}: it has {cells.Length} columns, but the column '{column.Name}' is number {column.Index} "
                    + "(from 0; -1 is the last). Give the numbers of the columns of this file.");
        });
    }
}
