using System.Diagnostics;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

/// <summary>Sessions that come and go leave nothing behind.</summary>
[TestClass]
[DoNotParallelize]
public sealed class SessionSoakTests
{
    [TestMethod]
    public void Sessions_that_are_disposed_give_their_memory_back()
    {
        var description = TestModels.Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 128), new PoolingDescription("pool", SequencePooling.Last)],
            time: null);
        var model = TestModels.Model(description);
        var rows = TestRows.Random(description, 32);
        Cycle(model, rows, 100);
        var before = Resident();
        // Each session holds its weights, some 400 kB with what ONNX Runtime makes of them: lost ones would show.
        Cycle(model, rows, 400);
        var grown = Resident() - before;
        NumberAssert.IsLessThan(32L << 20, grown, $"resident memory has grown by {grown >> 10} KiB over 400 sessions");
        Assert.AreEqual(0, OnnxSessions.Leases(model.Identity));
    }

    [TestMethod]
    public void Rows_that_go_through_leave_nothing()
    {
        var description = TestModels.Describe([new RecurrentDescription("gru", RecurrentCell.Gru, 8), new PoolingDescription("pool", SequencePooling.Last)],
            time: null);
        using var scorer = new GraphScorer(TestModels.Model(description));
        using var batch = scorer.CreateBatch();
        var rows = TestRows.Random(description, 1024, longest: 40);
        Score(20);
        var before = Resident();
        Score(200);
        var grown = Resident() - before;
        NumberAssert.IsLessThan(16L << 20, grown, $"resident memory has grown by {grown >> 10} KiB over {200 * 1024} rows");

        void Score(int rounds)
        {
            for (var round = 0; round < rounds; round++)
            {
                batch.Clear();
                // Other lengths run together every time.
                for (var row = 0; row < rows.Count - round % 7; row++) rows.AddTo(batch, row);
                scorer.Run(batch);
            }
        }
    }

    private static void Cycle(RecurrentModel model, TestRows rows, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var scorer = new GraphScorer(model, new() { NumberOfThreads = 1 });
            using var batch = scorer.CreateBatch();
            for (var row = 0; row < rows.Count; row++) rows.AddTo(batch, row);
            scorer.Run(batch);
        }
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
