using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

[TestClass]
public sealed class PredictionPoolTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    public void Many_threads_get_their_own_answers()
    {
        using var transformer = HostedModels.Regression(_context, seed: 91);
        transformer.Scoring = new() { NumberOfThreads = 1 };
        var rows = HostedModels.Rows(100).ToArray();
        var expected = HostedModels.Column<float>(transformer.Transform(HostedModels.Load(_context, rows)), "Score");
        using var pool = Pool(transformer);
        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8 },
            i => Assert.AreEqual(expected[i % 100], pool.Predict(rows[i % 100]).Score, 1e-5f));

        ScoreRow? result = null;
        pool.Predict(rows[3], ref result!);
        var same = result;
        pool.Predict(rows[4], ref result);
        Assert.AreSame(same, result);
        Assert.AreEqual(expected[4], result.Score, 1e-5f);
    }

    [TestMethod]
    public void Another_model_takes_over_while_requests_run()
    {
        using var first = HostedModels.Regression(_context, seed: 92);
        using var second = HostedModels.Regression(_context, seed: 93);
        var row = HostedModels.Rows(1).Single();
        using var pool = Pool(first);
        var old = pool.Predict(row).Score;
        using (var other = Pool(second)) Assert.AreNotEqual(old, other.Predict(row).Score);
        var replaced = false;
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            if (i == 200)
            {
                pool.Replace(second);
                Volatile.Write(ref replaced, true);
            }
            var before = Volatile.Read(ref replaced);
            var score = pool.Predict(row).Score;
            if (before) Assert.AreNotEqual(old, score);
        });
        // The old model was not the pool's to dispose of.
        using var back = Pool(first);
        Assert.AreEqual(old, back.Predict(row).Score);
    }

    [TestMethod]
    public void The_model_stays_the_callers()
    {
        var transformer = HostedModels.Regression(_context, seed: 94);
        var row = HostedModels.Rows(1).Single();
        var pool = Pool(transformer);
        pool.Predict(row);
        Assert.AreEqual(1, OnnxSessions.Leases(transformer.Model.Identity));
        pool.Dispose();
        pool.Dispose();
        Assert.AreEqual(1, OnnxSessions.Leases(transformer.Model.Identity));
        Assert.ThrowsExactly<ObjectDisposedException>(() => pool.Predict(row));
        Assert.ThrowsExactly<ObjectDisposedException>(() => pool.Replace(transformer));
        transformer.Dispose();
        Assert.AreEqual(0, OnnxSessions.Leases(transformer.Model.Identity));
    }

    [TestMethod]
    public void A_model_that_does_not_fit_is_refused_at_once()
    {
        using var transformer = HostedModels.Regression(_context, seed: 95);
        Assert.Throws<ArgumentException>(() => _context.Model.CreatePredictionPool<ScoreRow, ScoreRow>(transformer));
        using var pool = Pool(transformer);
        var row = HostedModels.Rows(1).Single();
        var before = pool.Predict(row).Score;
        Assert.Throws<Exception>(
            () => pool.Replace(_context.Transforms.CopyColumns("Answer", "Score").Fit(transformer.Transform(HostedModels.Data(_context, 1)))));
        Assert.AreEqual(before, pool.Predict(row).Score);
    }

    private PredictionPool<HostedModels.Row, ScoreRow> Pool(ITransformer transformer) =>
        _context.Model.CreatePredictionPool<HostedModels.Row, ScoreRow>(transformer, inputSchemaDefinition: HostedModels.Definition());

    private sealed class ScoreRow
    {
        public float Score { get; set; }
    }
}
