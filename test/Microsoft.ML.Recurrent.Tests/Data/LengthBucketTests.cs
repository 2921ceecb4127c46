using System.Text.RegularExpressions;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Data;

/// <summary>The share of padding in the work of an epoch, by counting steps.</summary>
[TestClass]
public sealed partial class LengthBucketTests
{
    /// <summary>Sequences of given lengths; their batches hold the numbers of the sequences as labels.</summary>
    private sealed class Sequences(int[] lengths, bool varies = true) : IExampleSource
    {
        public int Count => lengths.Length;

        public bool VariesInLength => varies;

        public int Length(int example) => lengths[example];

        public void Fill(SequenceBatch batch, ReadOnlySpan<int> examples)
        {
            var time = 0;
            foreach (var example in examples) time = Math.Max(time, lengths[example]);
            batch.Resize(examples.Length, time, 0, tokens: true, lengths: true, labels: true);
            for (var row = 0; row < examples.Length; row++) (batch.Lengths![row], batch.Labels![row]) = (lengths[examples[row]], examples[row]);
        }
    }

    private static int[] LogNormal(int count, double deviation = 0.8)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(_ =>
            Math.Max(1, (int)Math.Exp(3 + deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))))];
    }

    private static int[] Lines(string set, string file) =>
        [.. File.ReadLines(SharedFolder.Find("data", set, file)).Select(line => Math.Max(1, Token().Count(line[(line.LastIndexOf('\t') + 1)..])))];

    private static int[] Lengths(string set) => set switch
    {
        "log-normal" => LogNormal(4000),
        "log-normal, few" => LogNormal(600),
        "uniform" => [.. Enumerable.Range(0, 2000).Select(i => 1 + i * 7919 % 40)],
        "trec" => Lines(set, "train.tsv"),
        _ => Lines(set, "SMSSpamCollection.tsv"),
    };

    private static List<(int Rows, int Time, int Steps, int[] Examples)> Epoch(ExampleBatches batches, ulong? seed)
    {
        using var batch = new SequenceBatch();
        List<(int, int, int, int[])> epoch = [];
        for (batches.Begin(seed); batches.Next(batch);)
            epoch.Add((batch.Rows, batch.Time, batch.Lengths!.Take(batch.Rows).Sum(), batch.Labels!.Take(batch.Rows).ToArray()));
        return epoch;
    }

    private static double Padding(List<(int Rows, int Time, int Steps, int[] Examples)> epoch) =>
        1 - epoch.Sum(batch => batch.Steps) / (double)epoch.Sum(batch => batch.Rows * batch.Time);

    [TestMethod]
    [DataRow("log-normal")]
    [DataRow("log-normal, few")]
    [DataRow("uniform")]
    [DataRow("trec")]
    [DataRow("sms_spam")]
    public void Padding_is_at_most_a_twentieth_of_training_and_validation(string set)
    {
        var lengths = Lengths(set);
        int[] train = [.. Enumerable.Range(0, lengths.Length).Where(i => i % 10 > 0)],
            validation = [.. Enumerable.Range(0, lengths.Length / 10).Select(i => i * 10)];
        var size = new OptimizerOptions().BatchSizeFor(train.Length);
        var batches = new ExampleBatches(new Sequences(lengths), train, size);
        for (var epoch = 1UL; epoch <= 3; epoch++) NumberAssert.IsLessThanOrEqualTo(0.05, Padding(Epoch(batches, epoch)));
        var held = new ExampleBatches(new Sequences(lengths), validation, 256);
        var one = Epoch(held, null);
        // Batches of up to four rows are not cut: of 60 rows they are many.
        NumberAssert.IsLessThanOrEqualTo(set == "log-normal, few" ? 0.16 : 0.05, Padding(one));
        CollectionAssert.AreEquivalent(validation, one.SelectMany(batch => batch.Examples).ToArray());
        CollectionAssert.AreEqual(one.SelectMany(batch => batch.Examples).ToArray(), Epoch(held, null).SelectMany(batch => batch.Examples).ToArray());
    }

    [TestMethod]
    [DataRow(500, 1000000)]
    [DataRow(2000, 1000000)]
    [DataRow(2000, 32)]
    [DataRow(3, 16)]
    public void No_batch_exceeds_its_steps_and_its_rows(int maximumSteps, int batchSize)
    {
        var lengths = LogNormal(3000);
        var batches = new ExampleBatches(new Sequences(lengths), [.. Enumerable.Range(0, 3000)], batchSize, maximumSteps);
        var (one, two) = (Epoch(batches, 1), Epoch(batches, 2));
        foreach (var epoch in new[] { one, two })
        {
            CollectionAssert.AreEquivalent(Enumerable.Range(0, 3000).ToArray(), epoch.SelectMany(batch => batch.Examples).ToArray());
            foreach (var (rows, time, _, _) in epoch)
            {
                NumberAssert.IsLessThanOrEqualTo(batchSize, rows);
                Assert.IsTrue(rows == 1 || rows * time <= maximumSteps, $"{rows} rows of {time} steps");
            }
        }
        Assert.IsFalse(one.SelectMany(batch => batch.Examples).SequenceEqual(two.SelectMany(batch => batch.Examples)));
        if (maximumSteps == 2000 && batchSize > 32) NumberAssert.IsLessThanOrEqualTo(0.05, Padding(one));
    }

    [TestMethod]
    public void Epochs_begin_with_long_and_with_short_sequences()
    {
        var batches = new ExampleBatches(new Sequences(LogNormal(2000)), [.. Enumerable.Range(0, 2000)], 16);
        int[] first = [.. Enumerable.Range(1, 20).Select(seed => Epoch(batches, (ulong)seed)[0].Time)];
        NumberAssert.IsLessThan(15, first.Min());
        NumberAssert.IsGreaterThan(30, first.Max());
    }

    [TestMethod]
    public void Batches_have_other_members_in_every_epoch()
    {
        var batches = new ExampleBatches(new Sequences(LogNormal(20_000)), [.. Enumerable.Range(0, 20_000)], 16);
        var pairs = Pairs(1);
        NumberAssert.IsGreaterThan(15_000, pairs.Count);
        // Without any bucketing it would be about one of a thousand.
        NumberAssert.IsLessThan(0.02 * pairs.Count, Pairs(2).Count(pairs.Contains));

        HashSet<(int, int)> Pairs(ulong seed) =>
            [.. Epoch(batches, seed).SelectMany(batch => batch.Examples.Order().Zip(batch.Examples.Order().Skip(1)))];
    }

    [TestMethod]
    public void A_skipped_batch_is_the_one_that_would_have_come()
    {
        var batches = new ExampleBatches(new Sequences(LogNormal(1000)), [.. Enumerable.Range(0, 1000)], 16);
        var whole = Epoch(batches, 7);
        using var batch = new SequenceBatch();
        batches.Begin(7);
        Assert.AreEqual(whole.Count, batches.Batches);
        batches.Skip(whole.Count - 2);
        Assert.IsTrue(batches.Next(batch));
        CollectionAssert.AreEqual(whole[^2].Examples, batch.Labels!.Take(batch.Rows).ToArray());
        batches.Skip(5);
        Assert.IsFalse(batches.Next(batch));
    }

    [TestMethod]
    public void Sequences_of_one_length_keep_their_order_and_their_number()
    {
        var batches = new ExampleBatches(new Sequences([.. Enumerable.Repeat(7, 100)], varies: false), [.. Enumerable.Range(0, 100)], 32);
        CollectionAssert.AreEqual(new[] { 32, 32, 32, 4 }, Epoch(batches, 3).Select(batch => batch.Rows).ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(0, 100).ToArray(), Epoch(batches, null).SelectMany(batch => batch.Examples).ToArray());
        var limited = new ExampleBatches(new Sequences([.. Enumerable.Repeat(7, 100)], varies: false), [.. Enumerable.Range(0, 100)], 32, 70);
        Assert.IsTrue(Epoch(limited, 3).All(batch => batch.Rows == 10));
    }

    [GeneratedRegex(@"\w+|[^\w\s]")]
    private static partial Regex Token();
}
