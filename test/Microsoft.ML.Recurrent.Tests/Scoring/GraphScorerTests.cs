using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

[TestClass]
public sealed class GraphScorerTests
{
    private static readonly NetworkDescription Fixed =
        TestModels.Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 6), new PoolingDescription("pool", SequencePooling.Last)], statics: 2);

    private static readonly NetworkDescription Varying = Fixed with { Time = null };

    private static readonly NetworkDescription Tokens = TestModels.Describe(
        [new EmbeddingDescription("embedding", 4), new RecurrentDescription("gru", RecurrentCell.Gru, 6), new PoolingDescription("pool", SequencePooling.Max)],
        vocabulary: 9, time: null);

    public static IEnumerable<object[]> Models => [["fixed"], ["varying"], ["tokens"]];

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void Every_row_of_every_batch_agrees_with_the_network(string name)
    {
        var description = Description(name);
        using var network = TestModels.Network(description);
        using var scorer = new GraphScorer(TestModels.Model(network), new() { BatchSize = 16 });
        using var batch = scorer.CreateBatch();
        // Full batches, parts of one, single rows, and full ones again.
        foreach (var count in new[] { batch.Capacity, 16, 7, 1, 1, batch.Capacity, 33, 5 })
        {
            var rows = TestRows.Random(description, Math.Min(count, batch.Capacity), seed: count);
            var expected = TestModels.Forward(network, rows)[0];
            batch.Clear();
            for (var row = 0; row < rows.Count; row++) rows.AddTo(batch, row);
            scorer.Run(batch);
            for (var row = 0; row < rows.Count; row++)
                TestModels.AssertClose(expected[(row * 2)..(row * 2 + 2)], batch.Floats(row, 0).ToArray(), $"{name}: row {row} of {count}");
        }
    }

    [TestMethod]
    public void Ten_thousand_rows_make_at_most_forty_runs()
    {
        foreach (var description in new[] { Fixed, Varying })
        {
            using var scorer = new GraphScorer(TestModels.Model(description));
            using var batch = scorer.CreateBatch();
            var rows = TestRows.Random(description, 256);
            for (var row = 0; row < 10_000; row++)
            {
                rows.AddTo(batch, row % 256);
                if (!batch.IsFull) continue;
                scorer.Run(batch);
                batch.Clear();
            }
            scorer.Run(batch);
            NumberAssert.IsLessThanOrEqualTo(40, scorer.Runs);
        }
    }

    [TestMethod]
    public void Rows_of_like_length_run_together()
    {
        using var scorer = new GraphScorer(TestModels.Model(Varying), new() { BatchSize = 4 });
        using var batch = scorer.CreateBatch();
        var rows = TestRows.Random(Varying, batch.Capacity);
        for (var row = 0; row < rows.Count; row++) rows.AddTo(batch, row);
        scorer.Run(batch);
        Assert.AreEqual(4, scorer.Runs);
    }

    [TestMethod]
    public void A_very_long_row_does_not_pad_the_others()
    {
        using var network = TestModels.Network(Varying);
        using var scorer = new GraphScorer(TestModels.Model(network));
        using var batch = scorer.CreateBatch();
        TestRows rows = TestRows.Random(Varying, 200), longest = TestRows.Random(Varying, 1, seed: 8, shortest: 20_000, longest: 20_000);
        for (var row = 0; row < 100; row++) rows.AddTo(batch, row);
        longest.AddTo(batch, 0);
        for (var row = 100; row < 200; row++) rows.AddTo(batch, row);
        var before = GC.GetAllocatedBytesForCurrentThread();
        scorer.Run(batch);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(2, scorer.Runs);
        // 201 rows of 20,000 steps and three features would be 48 MB.
        NumberAssert.IsLessThan(2L << 20, allocated);
        var expected = TestModels.Forward(network, rows)[0];
        for (var row = 0; row < 200; row++)
            TestModels.AssertClose(expected[(row * 2)..(row * 2 + 2)], batch.Floats(row < 100 ? row : row + 1, 0).ToArray(), $"row {row}");
        TestModels.AssertClose(TestModels.Forward(network, longest)[0], batch.Floats(100, 0).ToArray(), "the long row");
    }

    [TestMethod]
    public void Many_long_rows_of_one_length_run_in_parts()
    {
        var model = TestModels.Model(Varying);
        using var scorer = new GraphScorer(model);
        using var single = new GraphScorer(model, new() { BatchSize = 1 });
        using ScoringBatch batch = scorer.CreateBatch(), one = single.CreateBatch(1);
        var rows = TestRows.Random(Varying, 5, shortest: 100_000, longest: 100_000);
        for (var row = 0; row < rows.Count; row++) rows.AddTo(batch, row);
        scorer.Run(batch);
        Assert.AreEqual(3, scorer.Runs);
        for (var row = 0; row < rows.Count; row++)
        {
            one.Clear();
            rows.AddTo(one, row);
            single.Run(one);
            TestModels.AssertClose(one.Floats(0, 0).ToArray(), batch.Floats(row, 0).ToArray(), $"row {row}");
        }
    }

    [TestMethod]
    public void A_wrong_row_is_refused()
    {
        using var scorer = new GraphScorer(TestModels.Model(Fixed), new() { BatchSize = 1 });
        using var batch = scorer.CreateBatch();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => batch.Add(6)).Message, "sequences of 7 steps; one of 6");
        Assert.AreEqual(0, batch.Rows);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => batch.Add(0));
        batch.Add(7);
        Assert.ThrowsExactly<InvalidOperationException>(() => batch.Add(7));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => { _ = batch.Floats(1, 0); });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GraphScorer(TestModels.Model(Fixed), new() { BatchSize = 0 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GraphScorer(TestModels.Model(Fixed), new() { NumberOfThreads = 0 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new GraphScorer(TestModels.Model(Fixed), new() { GraphOptimization = (GraphOptimizationLevel)50 }));
    }

    [TestMethod]
    public void Every_option_gives_the_same_answers()
    {
        using var network = TestModels.Network(Varying);
        var model = TestModels.Model(network);
        var rows = TestRows.Random(Varying, 40);
        var expected = TestModels.Forward(network, rows)[0];
        ScoringOptions[] choices = [new() { NumberOfThreads = 2 }, new() { AllowSpinning = true },
            .. Enum.GetValues<GraphOptimizationLevel>().Select(level => new ScoringOptions { GraphOptimization = level })];
        List<GraphScorer> scorers = [];
        foreach (var options in choices)
        {
            var scorer = new GraphScorer(model, options);
            scorers.Add(scorer);
            using var batch = scorer.CreateBatch();
            for (var row = 0; row < rows.Count; row++) rows.AddTo(batch, row);
            scorer.Run(batch);
            for (var row = 0; row < rows.Count; row++)
                TestModels.AssertClose(expected[(row * 2)..(row * 2 + 2)], batch.Floats(row, 0).ToArray(), $"{options}, row {row}");
        }
        Assert.AreEqual(choices.Length, OnnxSessions.Leases(model.Identity));
        foreach (var scorer in scorers) scorer.Dispose();
        Assert.AreEqual(0, OnnxSessions.Leases(model.Identity));
    }

    [TestMethod]
    public void An_empty_batch_runs_nothing()
    {
        using var scorer = new GraphScorer(TestModels.Model(Fixed));
        using var batch = scorer.CreateBatch();
        scorer.Run(batch);
        Assert.AreEqual(0, scorer.Runs);
    }

    [TestMethod]
    public void Many_threads_share_one_scorer()
    {
        using var network = TestModels.Network(Varying);
        using var scorer = new GraphScorer(TestModels.Model(network), new() { BatchSize = 8, NumberOfThreads = 1 });
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, thread =>
        {
            using var batch = scorer.CreateBatch();
            var rows = TestRows.Random(Varying, batch.Capacity, seed: thread);
            float[] expected;
            lock (network) expected = TestModels.Forward(network, rows)[0];
            for (var round = 0; round < 20; round++)
            {
                batch.Clear();
                for (var row = 0; row < rows.Count; row++) rows.AddTo(batch, row);
                scorer.Run(batch);
                for (var row = 0; row < rows.Count; row++)
                    TestModels.AssertClose(expected[(row * 2)..(row * 2 + 2)], batch.Floats(row, 0).ToArray(), $"thread {thread}, row {row}");
            }
        });
    }

    private static NetworkDescription Description(string name) => name switch { "fixed" => Fixed, "varying" => Varying, _ => Tokens };
}
