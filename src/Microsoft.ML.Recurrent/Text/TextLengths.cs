using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>Characters and words of the texts that a language model predicts.</summary>
internal static class TextLengths
{
    private const string Role = "text";

    /// <summary>Those of one text: characters are Unicode scalar values, words stand between white space.</summary>
    /// <param name="text">The text.</param>
    /// <param name="first">The text of its first token, which is not counted unless it is predicted.</param>
    /// <param name="ends">Whether the end of the text is predicted, and so the first token: the end counts as a character and a word.</param>
    public static (long Characters, long Words) Count(ReadOnlySpan<char> text, string first, bool ends) => Count(text, first, ends, ends);

    /// <summary>Those of all rows with tokens.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="name">The column of text.</param>
    /// <param name="manifest">The model.</param>
    /// <param name="carryState">Whether the rows are one text.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, or is not text.</exception>
    public static (long Characters, long Words) Read(IDataView data, string name, ModelManifest manifest, bool carryState)
    {
        var text = Columns.Find(data.Schema, name, Role);
        if (text.Type is not TextDataViewType) throw ColumnErrors.Mismatch(Role, name, "Text", text.Type.ToString()!, null);
        var column = RowCollector.Resolve(data.Schema, manifest.Inputs[0], manifest);
        var ends = manifest.Language!.EndOfSentence is not null;
        var values = manifest.Vocabulary?.Values ?? [];
        using var cursor = data.GetRowCursor([text, data.Schema[column.Name]]);
        var getter = cursor.GetGetter<ReadOnlyMemory<char>>(text);
        var reader = SequenceReader.Create(cursor, column);
        ReadOnlyMemory<char> value = default;
        var (characters, words, isFirst) = (0L, 0L, true);
        while (cursor.MoveNext())
        {
            if (reader.Read() == 0) continue;
            getter(ref value);
            var token = reader.Tokens[0];
            var own = Count(value.Span, token > 0 && token <= values.Length ? values[token - 1] : "", ends || carryState && !isFirst, ends);
            (characters, words, isFirst) = (characters + own.Characters, words + own.Words, false);
        }
        return (characters, words);
    }

    private static (long Characters, long Words) Count(ReadOnlySpan<char> text, string first, bool predictsFirst, bool ends)
    {
        var (characters, words, inWord) = (ends ? 1L : 0, ends ? 1L : 0, false);
        foreach (var rune in text.EnumerateRunes())
        {
            characters++;
            var isSpace = System.Text.Rune.IsWhiteSpace(rune);
            if (!isSpace && !inWord) words++;
            inWord = !isSpace;
        }
        if (predictsFirst || first.Length == 0) return (characters, words);
        foreach (var _ in first.EnumerateRunes()) characters--;
        // A part of a word leaves the others to be predicted.
        var start = text.TrimStart();
        var isWord = start.StartsWith(first, StringComparison.Ordinal) && (start.Length == first.Length || char.IsWhiteSpace(start[first.Length]));
        return (characters, isWord ? words - 1 : words);
    }
}
