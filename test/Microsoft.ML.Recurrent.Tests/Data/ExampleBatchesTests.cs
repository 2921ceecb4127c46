using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Data;

[TestClass]
[DoNotParallelize]
public sealed class ExampleBatchesTests
{
    private static readonly MLContext Context = new(1);

    private sealed class Row
    {
        public float[] Features { get; set; } = [];
        public float Label { get; set; }
        public float Static { get; set; }
        public float Weight { get; set; }
        public string Series { get; set; } = "";
    }

    /// <summary>Row i has 1 to 40 steps, the first one holding i.</summary>
    private static RowExamples Examples(int count)
    {
        var random = new Random(4);
        var data = Context.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i =>
        {
            var values = new float[random.Next(1, 41)];
            for (var t = 0; t < values.Length; t++) values[t] = i + t * 0.001f;
            return new Row { Features = values, Label = i, Static = -i, Weight = i % 3 };
        }).ToArray());
        var columns = RowColumns.Resolve(data.Schema, new(["Features"], ["Static"], "Label", LabelRole.Number, "Weight"));
        return RowExamples.Read(data, columns, "data", default);
    }

    private static List<int[]> Epoch(IBatchSource batches, SequenceBatch batch, ulong? seed)
    {
        var all = new List<int[]>();
        for (batches.Begin(seed); batches.Next(batch);) all.Add([.. batch.Targets!.Span.ToArray().Select(label => (int)label)]);
        return all;
    }

    [TestMethod]
    public void Every_epoch_has_each_example_once_in_an_order_of_its_seed()
    {
        using var batch = new SequenceBatch();
        var batches = new ExampleBatches(Examples(1000), [.. Enumerable.Range(0, 1000).Where(i => i % 7 != 0)], 32);
        Assert.AreEqual(857, batches.Count);
        var (one, two, again) = (Epoch(batches, batch, 1), Epoch(batches, batch, 2), Epoch(batches, batch, 1));
        foreach (var epoch in new[] { one, two, Epoch(batches, batch, null) })
        {
            Assert.IsTrue(epoch.All(labels => labels.Length is > 0 and <= 32));
            CollectionAssert.AreEqual(Enumerable.Range(0, 1000).Where(i => i % 7 != 0).ToArray(), epoch.SelectMany(labels => labels).Order().ToArray());
        }
        CollectionAssert.AreEqual(one.SelectMany(labels => labels).ToArray(), again.SelectMany(labels => labels).ToArray());
        CollectionAssert.AreNotEqual(one.SelectMany(labels => labels).ToArray(), two.SelectMany(labels => labels).ToArray());
        CollectionAssert.AreEqual(Epoch(batches, batch, null).SelectMany(labels => labels).ToArray(),
            Epoch(batches, batch, null).SelectMany(labels => labels).ToArray());
    }

    [TestMethod]
    public void A_batch_holds_its_examples_time_first_and_padded_by_zeros()
    {
        using var batch = new SequenceBatch();
        var examples = Examples(50);
        int[] chosen = [7, 31, 12];
        examples.Fill(batch, [49]);
        examples.Fill(batch, chosen);
        Assert.AreEqual(chosen.Max(examples.Length), batch.Time);
        for (var row = 0; row < 3; row++)
        {
            Assert.AreEqual(examples.Length(chosen[row]), batch.Lengths![row]);
            Assert.AreEqual(-chosen[row], batch.Statics!.Span[row]);
            Assert.AreEqual(chosen[row], batch.Targets!.Span[row]);
            Assert.AreEqual(chosen[row] % 3, batch.Weights!.Span[row]);
            for (var t = 0; t < batch.Time; t++)
                Assert.AreEqual(t < examples.Length(chosen[row]) ? chosen[row] + t * 0.001f : 0, batch.Values!.Span[t * 3 + row]);
        }
    }

    [TestMethod]
    public void Windows_are_views_with_their_future()
    {
        // Three numbers a row: target, covariate, static.
        var data = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 40)
            .Select(i => new Row { Label = i, Weight = 100 + i, Static = -i, Series = i < 25 ? "a" : "b" }).ToArray());
        var layout = SeriesLayout.Resolve(data.Schema, "Label", ["Weight"], [], ["Static"], []);
        var table = SeriesTable.Read(data, layout.Inputs, ["Series"], null);
        var windows = new SeriesWindowExamples(table, layout, windowSize: 4, horizon: 2);
        Assert.AreEqual(20, windows.Add(0, 0, 25).Count());
        CollectionAssert.AreEqual(new[] { 20, 21 }, windows.Add(1, 12, 15).ToArray());
        using var batch = new SequenceBatch();
        windows.Fill(batch, [3, 20]);
        // The second window ends where the future begins that was asked for: row 12 of series b is row 37.
        int[] first = [3, 33];
        for (var row = 0; row < 2; row++)
        {
            for (var t = 0; t < 4; t++)
            {
                Assert.AreEqual(first[row] + t, batch.Values!.Span[(t * 2 + row) * 2]);
                Assert.AreEqual(100 + first[row] + t, batch.Values.Span[(t * 2 + row) * 2 + 1]);
            }
            Assert.AreEqual(-(first[row] + 3), batch.Statics!.Span[row]);
            Assert.AreEqual(first[row] + 4, batch.Targets!.Span[row * 2]);
            Assert.AreEqual(first[row] + 5, batch.Targets.Span[row * 2 + 1]);
        }
    }

    [TestMethod]
    public void A_warm_epoch_allocates_nothing()
    {
        using var batch = new SequenceBatch();
        var batches = new ExampleBatches(Examples(500), [.. Enumerable.Range(0, 500)], 16);
        for (ulong seed = 0; seed < 4; seed++) Run(seed);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (ulong seed = 4; seed < 8; seed++) Run(seed);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(ulong seed)
        {
            for (batches.Begin(seed); batches.Next(batch);) { }
        }
    }

    [TestMethod]
    public void Moments_hold_where_the_mean_is_far_from_zero()
    {
        var random = new Random(1);
        var moments = new Moments(2);
        for (var i = 0; i < 100_000; i++) moments.Add([1e4f + (float)(random.NextDouble() - 0.5), 7]);
        Assert.AreEqual(1e4f, moments.Mean(0), 0.01f);
        Assert.AreEqual(Math.Sqrt(1 / 12.0), moments.Scale(0), 2e-3);
        Assert.AreEqual(7, moments.Mean(1));
        Assert.AreEqual(1, moments.Scale(1));
    }

    [TestMethod]
    [DataRow(100, 0.1f, 10)]
    [DataRow(101, 0.2f, 20)]
    [DataRow(4, 0.1f, 0)]
    [DataRow(1, 0.5f, 0)]
    [DataRow(10, 0f, 0)]
    public void A_random_part_is_held_back(int count, float fraction, int expected)
    {
        var (train, validation) = RandomSplit.Split(count, [], fraction, 3);
        Assert.AreEqual(expected, validation.Length, 1);
        CollectionAssert.AreEqual(Enumerable.Range(0, count).ToArray(), train.Concat(validation).Order().ToArray());
        NumberAssert.IsGreaterThan(0, train.Length);
    }

    [TestMethod]
    public void Each_class_gives_its_share()
    {
        int[] classes = [.. Enumerable.Range(0, 900).Select(i => i % 10 == 0 ? 1 : i % 3 == 0 ? 2 : 0)];
        var (_, validation) = RandomSplit.Split(classes.Length, classes, 0.2f, 3);
        foreach (var group in classes.GroupBy(c => c)) Assert.AreEqual(group.Count() * 0.2, validation.Count(i => classes[i] == group.Key), 1);
        Assert.IsFalse(validation.SequenceEqual(RandomSplit.Split(classes.Length, classes, 0.2f, 4).Validation));
    }
}
