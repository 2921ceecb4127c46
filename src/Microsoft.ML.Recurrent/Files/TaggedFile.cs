using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Files;

/// <summary>Columns of words and tags (BIO and its like): a word per line, a blank line after each sentence.</summary>
internal static class TaggedFile
{
    // The marker of a new document in files of CoNLL 2003.
    private const string DocumentStart = "-DOCSTART-";

    public static IDataView Open(string path, int tokenIndex, int? tagIndex, char? separator)
    {
        LineReader.Existing(path);
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Tokens", new VectorDataViewType(TextDataViewType.Instance));
        builder.AddColumn("Tags", new VectorDataViewType(TextDataViewType.Instance));
        return new FileDataView(builder.ToSchema(), () => Rows(path, tokenIndex, tagIndex, separator));
    }

    private static IEnumerable<object[]> Rows(string path, int tokenIndex, int? tagIndex, char? separator)
    {
        using var reader = new LineReader(path);
        List<ReadOnlyMemory<char>> tokens = [], tags = [];
        while (true)
        {
            var line = reader.Read();
            if (string.IsNullOrWhiteSpace(line))
            {
                if (tokens.Count > 0) yield return [FileDataView.Vector(tokens.ToArray()), FileDataView.Vector(tags.ToArray())];
                if (line is null) yield break;
                tokens.Clear();
                tags.Clear();
                continue;
            }
            if (line.StartsWith(DocumentStart, StringComparison.Ordinal)) continue;
            var fields = separator is { } own ? line.Split(own) : line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var tag = tagIndex ?? fields.Length - 1;
            if (fields.Length <= Math.Max(tokenIndex, tag) || fields.Length < 2)
                throw reader.Error(
                    $"the word is in column {tokenIndex} and its tag in {tagIndex?.ToString() ?? "the last"}, but the line has {fields.Length} columns");
            tokens.Add(fields[tokenIndex].AsMemory());
            tags.Add(fields[tag].Trim().AsMemory());
        }
    }
}
