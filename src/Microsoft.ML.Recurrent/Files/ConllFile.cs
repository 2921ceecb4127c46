using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Files;

/// <summary>Files of the CoNLL shared tasks: a word per line with its columns, and an empty line after each sentence.</summary>
internal static class ConllFile
{
    // The marker of a new document in files of CoNLL 2003.
    private const string DocumentStart = "-DOCSTART-";

    /// <summary>The words and one column of tags; a negative index counts from the last column, -1. Without a separator it is white space.</summary>
    public static IDataView Open(string path, int wordIndex, int tagIndex, char? separator)
    {
        LineReader.Existing(path);
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Words", new VectorDataViewType(TextDataViewType.Instance));
        schema.AddColumn("Tags", new VectorDataViewType(TextDataViewType.Instance));
        return new FileDataView(schema.ToSchema(), () => Rows(path, wordIndex, tagIndex, separator));
    }

    /// <summary>The sentences of a file, as lists of words.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parse">Reads a line; its number is the reader's, and the last argument counts the words before it in the sentence. Null for a line that is
    /// no word.</param>
    public static IEnumerable<List<T>> Sentences<T>(string path, Func<LineReader, string, int, T?> parse)
        where T : class
    {
        using var reader = new LineReader(path);
        List<T> words = [];
        while (true)
        {
            var line = reader.Read();
            if (!string.IsNullOrWhiteSpace(line))
            {
                if (parse(reader, line, words.Count) is { } word) words.Add(word);
                continue;
            }
            if (words.Count > 0) yield return words;
            if (line is null) yield break;
            words = [];
        }
    }

    private static IEnumerable<object[]> Rows(string path, int wordIndex, int tagIndex, char? separator)
    {
        foreach (var words in Sentences(path, (reader, line, _) => Parse(reader, line, wordIndex, tagIndex, separator)))
            yield return [Column(words, 0), Column(words, 1)];

        static object Column(List<string[]> words, int index) => FileDataView.Vector(words.Select(word => word[index].AsMemory()).ToArray());
    }

    // Word and tag.
    private static string[]? Parse(LineReader reader, string line, int wordIndex, int tagIndex, char? separator)
    {
        if (IsSkipped(line)) return null;
        // With tabs, a blank is part of a column.
        var cells = separator is { } own ? line.Split(own) : line.Contains('\t', StringComparison.Ordinal) ? line.Split('\t')
            : line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var (word, tag) = (FromEnd(wordIndex), FromEnd(tagIndex));
        return word != tag && word >= 0 && tag >= 0 && word < cells.Length && tag < cells.Length ? [cells[word], cells[tag].Trim()]
            : throw reader.Error($"the word is in column {wordIndex} and its tag in {tagIndex} (from 0; -1 is the last), but the line has {cells.Length} " +
                (cells.Length == 1 ? "column" : "columns"));

        int FromEnd(int index) => index < 0 ? cells.Length + index : index;
    }

    // Lines that stand for no word: document marks, and the comments, ranges of contracted words (1-2) and empty nodes (1.1) of CoNLL-U.
    private static bool IsSkipped(string line)
    {
        if (line.StartsWith(DocumentStart, StringComparison.Ordinal)) return true;
        // In CoNLL-U comments begin by "# "; a word # has columns after it.
        if (line.StartsWith("# ", StringComparison.Ordinal) || line is "#")
            return !line.Contains('\t', StringComparison.Ordinal) && line.Split(' ').Length != 2;
        return line.AsSpan().Count('\t') == ConllUFile.Fields - 1
            && ConllUFile.IsRangeOrEmptyNode(line.AsSpan(0, line.IndexOf('\t', StringComparison.Ordinal)));
    }
}
