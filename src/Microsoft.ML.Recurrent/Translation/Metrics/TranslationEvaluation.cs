using System.Globalization;
using System.Text;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Translation.Metrics;

/// <summary>Compares translations with their references.</summary>
internal static class TranslationEvaluation
{
    public static TranslationMetrics Run(IDataView data, string[] references, string translation, TranslationEvaluationOptions options)
    {
        var schema = data.Schema;
        DataViewSchema.Column[] wanted = [.. references.Select(name => TextColumnReader.Find(schema, name, "reference"))];
        var given = TextColumnReader.Find(schema, translation, "translation");
        using var cursor = data.GetRowCursor(wanted.Append(given).DistinctBy(column => column.Index));
        var (readTranslation,
            readReferences) = (TextColumnReader.Open(cursor, given), wanted.Select(column => TextColumnReader.Open(cursor, column)).ToArray());
        var (bleu, chrf, words, letters) = (new BleuCounter(), new ChrfCounter(), new ErrorRateCounter(), new ErrorRateCounter());
        var (texts, exact) = (0, 0);
        while (cursor.MoveNext())
        {
            var own = Text(readTranslation());
            string[] others = [.. readReferences.Select(read => Text(read()))];
            texts++;
            if (others.Contains(own, StringComparer.Ordinal)) exact++;
            var tokens = BleuTokens.Split(own, options.Tokenization);
            string[][] otherTokens = [.. others.Select(text => BleuTokens.Split(text, options.Tokenization))];
            bleu.Add(tokens, otherTokens);
            words.Add(tokens, otherTokens);
            chrf.Add(CodePoints(own, false), [.. others.Select(text => CodePoints(text, false))]);
            letters.Add(CodePoints(own, true), [.. others.Select(text => CodePoints(text, true))]);
        }
        var score = bleu.Score(options.UseEffectiveOrder);
        return texts == 0
            ? new(0, 0, (double.NaN, score.Precisions, double.NaN), double.NaN, (double.NaN, double.NaN), (0, 0))
            : new(texts, exact, score, chrf.Score(), (words.Rate, letters.Rate), (bleu.Tokens, bleu.ReferenceTokens));

        string Text(string text) => options.IgnoreCase ? text.Trim().ToLower(CultureInfo.InvariantCulture) : text.Trim();
    }

    private static int[] CodePoints(string text, bool withSpace) =>
        [.. text.EnumerateRunes().Where(rune => withSpace || !Rune.IsWhiteSpace(rune)).Select(rune => rune.Value)];
}
