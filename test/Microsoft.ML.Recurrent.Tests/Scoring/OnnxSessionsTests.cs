using System.Runtime.CompilerServices;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

[TestClass]
public sealed class OnnxSessionsTests
{
    private static readonly NetworkDescription Description =
        TestModels.Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 6), new PoolingDescription("pool", SequencePooling.Last)]);

    [TestMethod]
    public void Equal_models_share_one_session_and_one_lease_leaves_the_others_alone()
    {
        var model = TestModels.Model(Description, seed: 101);
        var copy = RecurrentModel.Load(model.File().Graph.ToArray());
        using var first = new GraphScorer(model);
        var second = new GraphScorer(copy, new() { BatchSize = 3 });
        using var other = new GraphScorer(model, new() { NumberOfThreads = 1 });
        Assert.AreEqual(3, OnnxSessions.Leases(model.Identity));
        using var lease = OnnxSessions.Lease(model.Identity, model.File(), false, ScoringOptions.Default);
        using var again = OnnxSessions.Lease(copy.Identity, copy.File(), false, ScoringOptions.Default);
        Assert.AreSame(lease.Session, again.Session);

        second.Dispose();
        second.Dispose();
        Assert.AreEqual(4, OnnxSessions.Leases(model.Identity));
        Assert.IsTrue(float.IsFinite(ScoreOne(first)));
        Assert.IsTrue(float.IsFinite(ScoreOne(other)));
    }

    [TestMethod]
    public void The_last_lease_ends_the_session()
    {
        var model = TestModels.Model(Description, seed: 102);
        var scorer = new GraphScorer(model);
        Assert.AreEqual(1, OnnxSessions.Leases(model.Identity));
        scorer.Dispose();
        Assert.AreEqual(0, OnnxSessions.Leases(model.Identity));
    }

    [TestMethod]
    public void A_disposed_scorer_takes_a_lease_anew()
    {
        var model = TestModels.Model(Description, seed: 103);
        using var scorer = new GraphScorer(model);
        using var batch = scorer.CreateBatch();
        var before = ScoreOne(scorer, batch);
        scorer.Dispose();
        Assert.AreEqual(before, ScoreOne(scorer, batch));
        Assert.AreEqual(1, OnnxSessions.Leases(model.Identity));
        scorer.Dispose();
        Assert.AreEqual(0, OnnxSessions.Leases(model.Identity));
    }

    [TestMethod]
    public void A_lease_that_is_lost_is_returned_by_the_garbage_collector()
    {
        var model = TestModels.Model(Description, seed: 104);
        Lose(model);
        for (var i = 0; i < 10 && OnnxSessions.Leases(model.Identity) > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.AreEqual(0, OnnxSessions.Leases(model.Identity));
    }

    [TestMethod]
    public void Disposing_while_others_score_takes_nothing_from_them()
    {
        var model = TestModels.Model(Description, seed: 105);
        using var reference = new GraphScorer(model, new() { NumberOfThreads = 1 });
        var expected = ScoreOne(reference);
        using var shared = new GraphScorer(model, new() { NumberOfThreads = 1 });
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, thread =>
        {
            using var batch = shared.CreateBatch();
            for (var i = 0; i < 200; i++)
            {
                if (thread % 4 == 0) shared.Dispose();
                if (thread % 4 == 1)
                {
                    using var own = new GraphScorer(model, new() { NumberOfThreads = 1 });
                    Assert.AreEqual(expected, ScoreOne(own));
                }
                Assert.AreEqual(expected, ScoreOne(shared, batch));
            }
        });
        shared.Dispose();
        reference.Dispose();
        Assert.AreEqual(0, OnnxSessions.Leases(model.Identity));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Lose(RecurrentModel model)
    {
        ScoreOne(new GraphScorer(model));
        Assert.AreEqual(1, OnnxSessions.Leases(model.Identity));
    }

    private static float ScoreOne(GraphScorer scorer)
    {
        using var batch = new ScoringBatch(TestModels.Manifest(Description), 1);
        return ScoreOne(scorer, batch);
    }

    private static float ScoreOne(GraphScorer scorer, ScoringBatch batch)
    {
        batch.Clear();
        TestRows.Random(Description, 1).AddTo(batch, 0);
        scorer.Run(batch);
        return batch.Floats(0, 0)[0];
    }
}
