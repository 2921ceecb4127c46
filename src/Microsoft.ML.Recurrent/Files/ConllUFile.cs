using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Files;

/// <summary>CoNLL-U, the format of Universal Dependencies: a word per line, a blank line after each sentence.</summary>
internal static class ConllUFile
{
    /// <summary>The fields of a word.</summary>
    public const int Fields = 10;

    private const int Head = 6;

    // The columns of text, by field.
    private static readonly (string Name, int Field)[] s_texts =
        [("Words", 1), ("Lemmas", 2), ("UniversalTags", 3), ("Tags", 4), ("Features", 5), ("Relations", 7)];

    public static IDataView Open(string path)
    {
        LineReader.Existing(path);
        var builder = new DataViewSchema.Builder();
        foreach (var (name, _) in s_texts) builder.AddColumn(name, new VectorDataViewType(TextDataViewType.Instance));
        builder.AddColumn("Heads", new VectorDataViewType(NumberDataViewType.Int32));
        builder.AddColumn("Sentence", TextDataViewType.Instance);
        return new FileDataView(builder.ToSchema(), () => Rows(path));
    }

    /// <summary>Whether the number is 3-4, that of a token of several words, which follow, or 5.1, that of a word that the sentence lacks.</summary>
    public static bool IsRangeOrEmptyNode(ReadOnlySpan<char> number) => number.IndexOfAny('-', '.') > 0 && !number.ContainsAnyExcept("0123456789-.");

    private static IEnumerable<object[]> Rows(string path)
    {
        var id = "";
        foreach (var words in ConllFile.Sentences(path, Parse))
        {
            yield return
            [
                .. s_texts.Select(text => (object)FileDataView.Vector(words.Select(word => Text(word.Cells, text.Field)).ToArray())),
                FileDataView.Vector(words.Select(word => word.Head).ToArray()), id.AsMemory(),
            ];
            id = "";
        }

        Word? Parse(LineReader reader, string line, int before)
        {
            if (line[0] == '#')
            {
                if (line[1..].Split('=', 2, StringSplitOptions.TrimEntries) is ["sent_id", var name]) id = name;
                return null;
            }
            var fields = line.Split('\t');
            if (fields.Length != Fields) throw reader.Error($"a word has {Fields} fields separated by tabs, found {fields.Length}");
            if (IsRangeOrEmptyNode(fields[0])) return null;
            if (!int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number != before + 1)
                throw reader.Error($"the word number '{fields[0]}' should be {before + 1}");
            return new(fields, fields[Head] == "_" ? -1 : int.TryParse(fields[Head], NumberStyles.None, CultureInfo.InvariantCulture, out var head) ? head
                : throw reader.Error($"the head '{fields[Head]}' is no number"));
        }
    }

    // An underscore means nothing, but is a word too.
    private static ReadOnlyMemory<char> Text(string[] word, int field) => field != 1 && word[field] == "_" ? default : word[field].AsMemory();

    private sealed record Word(string[] Cells, int Head);
}
