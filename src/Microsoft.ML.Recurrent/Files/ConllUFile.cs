using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Files;

/// <summary>CoNLL-U, the format of Universal Dependencies: a word per line, a blank line after each sentence.</summary>
internal static class ConllUFile
{
    private const int Fields = 10, Head = 6;

    // The columns of text, by field.
    private static readonly (string Name, int Field)[] s_texts =
        [("Tokens", 1), ("Lemmas", 2), ("UniversalTags", 3), ("Tags", 4), ("Features", 5), ("Relations", 7)];

    public static IDataView Open(string path)
    {
        LineReader.Existing(path);
        var builder = new DataViewSchema.Builder();
        foreach (var (name, _) in s_texts) builder.AddColumn(name, new VectorDataViewType(TextDataViewType.Instance));
        builder.AddColumn("Heads", new VectorDataViewType(NumberDataViewType.Int32));
        builder.AddColumn("Sentence", TextDataViewType.Instance);
        return new FileDataView(builder.ToSchema(), () => Rows(path));
    }

    private static IEnumerable<object[]> Rows(string path)
    {
        using var reader = new LineReader(path);
        List<string[]> words = [];
        List<int> heads = [];
        var id = "";
        while (true)
        {
            var line = reader.Read();
            if (string.IsNullOrWhiteSpace(line))
            {
                if (words.Count > 0)
                {
                    yield return
                    [
                        .. s_texts.Select(text => (object)FileDataView.Vector(words.Select(word => Text(word, text.Field)).ToArray())),
                        FileDataView.Vector(heads.ToArray()), id.AsMemory(),
                    ];
                }
                if (line is null) yield break;
                words.Clear();
                heads.Clear();
                id = "";
                continue;
            }
            if (line[0] == '#')
            {
                if (line[1..].Split('=', 2, StringSplitOptions.TrimEntries) is ["sent_id", var name]) id = name;
                continue;
            }
            var fields = line.Split('\t');
            if (fields.Length != Fields) throw reader.Error($"a word has {Fields} fields separated by tabs, found {fields.Length}");
            // 3-4 is a token of several words, which follow; 5.1 a word that the sentence lacks.
            if (fields[0].AsSpan().IndexOfAny('-', '.') >= 0) continue;
            if (!int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number != words.Count + 1)
                throw reader.Error($"the word number '{fields[0]}' should be {words.Count + 1}");
            words.Add(fields);
            heads.Add(fields[Head] == "_" ? -1 : int.TryParse(fields[Head], NumberStyles.None, CultureInfo.InvariantCulture, out var head) ? head
                : throw reader.Error($"the head '{fields[Head]}' is no number"));
        }
    }

    // An underscore means nothing, but is a word too.
    private static ReadOnlyMemory<char> Text(string[] word, int field) => field != 1 && word[field] == "_" ? default : word[field].AsMemory();
}
