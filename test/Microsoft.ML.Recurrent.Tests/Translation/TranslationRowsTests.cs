using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Translation;

namespace Microsoft.ML.Recurrent.Tests.Translation;

/// <summary>Pairs of ids, and their batches.</summary>
[TestClass]
public sealed class TranslationRowsTests
{
    private static SmallTranslations.Pair Pair(string letters, string words) => new()
    {
        Letters = letters.Split(' ', StringSplitOptions.RemoveEmptyEntries), Words = words.Split(' ', StringSplitOptions.RemoveEmptyEntries),
    };

    private static TranslationRows Read(int longest, params SmallTranslations.Pair[] pairs)
    {
        var (_, keys) = SmallTranslations.Keys([Pair("a b c", "ant bee cat"), .. pairs]);
        var (source, _) = TranslationColumns.Resolve(keys.Schema, "Source", TranslationColumns.Source);
        var (target, values) = TranslationColumns.Resolve(keys.Schema, "Target", TranslationColumns.Target);
        return TranslationRows.Read(SmallTranslations.Context.Data.SkipRows(keys, 1), source, target, values.Values.Length + 1, longest, "data", default);
    }

    [TestMethod]
    public void Targets_end_in_the_end_token_and_are_negative_past_it()
    {
        // Equally frequent tokens have their keys by ordinal order, more frequent ones come first.
        var rows = Read(10, Pair("a b", "bee"), Pair("a", "ant ant bee"));
        using var batch = new SequenceBatch();
        rows.Fill(batch, [1, 0]);
        Assert.AreEqual((2, 2, 4), (batch.Rows, batch.Time, batch.AnswerTime));
        CollectionAssert.AreEqual(new[] { 1, 2 }, batch.Lengths![..2]);
        CollectionAssert.AreEqual(new[] { 1, 1, 0, 2 }, batch.Tokens![..4]);
        CollectionAssert.AreEqual(new[] { 1, 2, 1, 4, 2, -1, 4, -1 }, batch.Answers![..8]);
        Assert.AreEqual((2, 0L), (rows.Count, rows.UnknownTargets));
    }

    [TestMethod]
    public void Rows_without_tokens_and_long_ones_are_counted_and_left_out()
    {
        var rows = Read(2, Pair("", "bee"), Pair("a", ""), Pair("a a a", "ant"), Pair("a", "ant ant ant"), Pair("b", "bee"));
        Assert.AreEqual((1, 2, 2), (rows.Count, rows.Empty, rows.TooLong));
        Assert.IsTrue(rows.Target(0).SequenceEqual([2, 4]));
        var error = Assert.ThrowsExactly<ArgumentException>(() => Read(2, Pair("", "bee"), Pair("a a a", "ant")));
        foreach (var part in new[] { "'Source'", "'Target'", "1 rows lack", "1 have more", "MaximumTrainingLength" })
            StringAssert.Contains(error.Message, part);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Read(2)).Message, "no rows");
    }
}
