using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Hosting;
using Microsoft.ML.Recurrent.Tests.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

[TestClass]
public sealed class ScoringCursorTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Ten_thousand_rows_make_forty_runs(bool varying)
    {
        using var transformer = HostedModels.Regression(_context, varying, seed: 11);
        var scored = transformer.Transform(HostedModels.Data(_context, 10_000, varying));
        Assert.HasCount(10_000, HostedModels.Column<float>(scored, "Score"));
        NumberAssert.IsLessThanOrEqualTo(40, transformer.Runs);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Each_row_holds_its_own_answer_and_its_own_other_columns(bool varying)
    {
        using var transformer = HostedModels.Regression(_context, varying, seed: 12);
        transformer.Scoring = new() { BatchSize = 32 };
        var rows = HostedModels.Rows(500, varying).ToArray();
        var expected = rows.Select(row => ScoreAlone(transformer, row)).ToArray();

        var scored = transformer.Transform(HostedModels.Load(_context, rows, varying));
        using var cursor = scored.GetRowCursor(scored.Schema);
        var number = cursor.GetGetter<int>(scored.Schema["Number"]);
        var name = cursor.GetGetter<ReadOnlyMemory<char>>(scored.Schema["Name"]);
        var features = cursor.GetGetter<VBuffer<float>>(scored.Schema["Features"]);
        var parts = cursor.GetGetter<VBuffer<float>>(scored.Schema["Parts"]);
        var flag = cursor.GetGetter<bool>(scored.Schema["Flag"]);
        var score = cursor.GetGetter<float>(scored.Schema["Score"]);
        var id = cursor.GetIdGetter();
        var (n, text, f, p, b, s,
            rowId) = (0, default(ReadOnlyMemory<char>), default(VBuffer<float>), default(VBuffer<float>), false, 0f, default(DataViewRowId));
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.IsTrue(cursor.MoveNext());
            Assert.AreEqual(i, cursor.Position);
            // Twice, as a consumer may.
            for (var pass = 0; pass < 2; pass++)
            {
                score(ref s);
                number(ref n);
                name(ref text);
                features(ref f);
                parts(ref p);
                flag(ref b);
                id(ref rowId);
                Assert.AreEqual(i, n);
                Assert.AreEqual(rows[i].Name, text.ToString());
                CollectionAssert.AreEqual(rows[i].Features, f.DenseValues().ToArray());
                CollectionAssert.AreEqual(rows[i].Parts, p.DenseValues().ToArray());
                Assert.AreEqual(rows[i].Flag, b);
                Assert.AreEqual((ulong)i, rowId.Low);
                Assert.AreEqual(expected[i], s, 1e-5f);
            }
        }
        Assert.IsFalse(cursor.MoveNext());
        Assert.IsFalse(cursor.MoveNext());
        Assert.AreEqual(-1, cursor.Position);
    }

    [TestMethod]
    public void Nothing_is_scored_where_no_answer_is_asked()
    {
        using var transformer = HostedModels.Regression(_context, seed: 13);
        var scored = transformer.Transform(HostedModels.Data(_context, 300));
        CollectionAssert.AreEqual(Enumerable.Range(0, 300).ToArray(), HostedModels.Column<int>(scored, "Number"));
        Assert.AreEqual(300L, scored.GetRowCount());
        Assert.AreEqual(0, OnnxSessions.Leases(transformer.Model.Identity));

        using var cursor = scored.GetRowCursor([scored.Schema["Name"]]);
        Assert.IsTrue(cursor.IsColumnActive(scored.Schema["Name"]));
        Assert.IsFalse(cursor.IsColumnActive(scored.Schema["Score"]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => cursor.GetGetter<float>(scored.Schema["Score"]));
    }

    [TestMethod]
    public void A_getter_of_another_type_is_refused()
    {
        using var transformer = HostedModels.Regression(_context, seed: 14);
        var scored = transformer.Transform(HostedModels.Data(_context, 3));
        using var cursor = scored.GetRowCursor(scored.Schema);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<double>(scored.Schema["Score"]));
        StringAssert.Contains(error.Message, "'Score' holds Single");
        Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<long>(scored.Schema["Number"]));
    }

    [TestMethod]
    public void Shuffling_keeps_rows_whole()
    {
        using var transformer = HostedModels.Regression(_context, seed: 15);
        var rows = HostedModels.Rows(700).ToArray();
        var expected = HostedModels.Column<float>(transformer.Transform(HostedModels.Load(_context, rows)), "Score");
        var scored = transformer.Transform(_context.Data.Cache(HostedModels.Load(_context, rows)));
        Assert.IsTrue(scored.CanShuffle);

        var order = new List<int>();
        using var cursor = scored.GetRowCursor([scored.Schema["Number"], scored.Schema["Score"]], new Random(5));
        var number = cursor.GetGetter<int>(scored.Schema["Number"]);
        var score = cursor.GetGetter<float>(scored.Schema["Score"]);
        var (n, s) = (0, 0f);
        while (cursor.MoveNext())
        {
            number(ref n);
            score(ref s);
            order.Add(n);
            Assert.AreEqual(expected[n], s, 1e-6f);
        }
        CollectionAssert.AreNotEqual(Enumerable.Range(0, rows.Length).ToArray(), order);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, rows.Length).ToArray(), order);
    }

    [TestMethod]
    public void A_set_of_cursors_covers_all_rows_once()
    {
        using var transformer = HostedModels.Regression(_context, seed: 16);
        transformer.Scoring = new() { BatchSize = 64 };
        var scored = transformer.Transform(_context.Data.Cache(HostedModels.Data(_context, 1000)));
        var expected = HostedModels.Column<float>(scored, "Score");
        var cursors = scored.GetRowCursorSet([scored.Schema["Number"], scored.Schema["Score"]], 4);
        var seen = new float[1000];
        var rows = 0;
        Parallel.ForEach(cursors, cursor =>
        {
            using (cursor)
            {
                var number = cursor.GetGetter<int>(scored.Schema["Number"]);
                var score = cursor.GetGetter<float>(scored.Schema["Score"]);
                var n = 0;
                while (cursor.MoveNext())
                {
                    number(ref n);
                    score(ref seen[n]);
                    Interlocked.Increment(ref rows);
                }
            }
        });
        Assert.AreEqual(1000, rows);
        for (var i = 0; i < seen.Length; i++) Assert.AreEqual(expected[i], seen[i], 1e-6f);
    }

    [TestMethod]
    public void Cursors_of_several_threads_do_not_disturb_each_other()
    {
        using var transformer = HostedModels.Regression(_context, seed: 17);
        var scored = transformer.Transform(HostedModels.Data(_context, 600));
        var expected = HostedModels.Column<float>(scored, "Score");
        Parallel.For(0, 8, _ => CollectionAssert.AreEqual(expected, HostedModels.Column<float>(scored, "Score")));
    }

    [TestMethod]
    public void A_cursor_left_early_returns_its_lease()
    {
        var transformer = HostedModels.Regression(_context, seed: 18);
        var scored = transformer.Transform(HostedModels.Data(_context, 1000));
        var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        Assert.IsTrue(cursor.MoveNext());
        Assert.AreEqual(2, OnnxSessions.Leases(transformer.Model.Identity));
        cursor.Dispose();
        cursor.Dispose();
        Assert.IsFalse(cursor.MoveNext());
        Assert.AreEqual(1, OnnxSessions.Leases(transformer.Model.Identity));
        transformer.Dispose();
        Assert.AreEqual(0, OnnxSessions.Leases(transformer.Model.Identity));
    }

    [TestMethod]
    public void A_disposed_transformer_leaves_its_cursors_working()
    {
        var transformer = HostedModels.Regression(_context, seed: 19);
        transformer.Scoring = new() { BatchSize = 16 };
        var scored = transformer.Transform(HostedModels.Data(_context, 100));
        var expected = HostedModels.Column<float>(scored, "Score");
        using (var cursor = scored.GetRowCursor([scored.Schema["Score"]]))
        {
            var score = cursor.GetGetter<float>(scored.Schema["Score"]);
            var s = 0f;
            for (var i = 0; cursor.MoveNext(); i++)
            {
                if (i == 20) transformer.Dispose();
                score(ref s);
                Assert.AreEqual(expected[i], s);
            }
        }
        Assert.AreEqual(0, OnnxSessions.Leases(transformer.Model.Identity));
    }

    [TestMethod]
    public void A_disposed_transformer_refuses_to_score()
    {
        var data = HostedModels.Data(_context, 10);
        foreach (var transformer in new RecurrentTransformer[] { HostedModels.Regression(_context, seed: 22), HostedModels.Binary(_context),
            HostedModels.Multiclass(_context, null) })
        {
            var scored = transformer.Transform(data);
            using var engine = _context.Model.CreatePredictionEngine<HostedModels.Row, Scored>(transformer,
                new PredictionEngineOptions { InputSchemaDefinition = HostedModels.Definition(), OwnsTransformer = false, IgnoreMissingColumns = true });
            transformer.Dispose();
            transformer.Dispose();
            foreach (var use in new Action[]
            {
                () => transformer.Transform(data),
                () => scored.GetRowCursor(scored.Schema),
                () => ((ITransformer)transformer).GetRowToRowMapper(data.Schema),
                () => new TransformerChain<ITransformer>(transformer).Transform(data),
            })
            {
                var error = Assert.ThrowsExactly<ObjectDisposedException>(use);
                Assert.AreEqual(transformer.GetType().Name, error.ObjectName);
                StringAssert.Contains(error.Message, "OwnsTransformer");
            }
            Assert.AreEqual(0, OnnxSessions.Leases(transformer.Model.Identity));
            // The model is there to save and to train on.
            Assert.IsNotEmpty(transformer.Model.Summary());
        }
    }

    private sealed class Scored
    {
    }

    [TestMethod]
    public void A_row_without_steps_holds_NaN()
    {
        using var transformer = HostedModels.Regression(_context, varying: true, seed: 20);
        var rows = HostedModels.Rows(50, varying: true).ToArray();
        rows[0].Features = rows[7].Features = rows[49].Features = [];
        var scores = HostedModels.Column<float>(transformer.Transform(HostedModels.Load(_context, rows, varying: true)), "Score");
        for (var i = 0; i < scores.Length; i++) Assert.AreEqual(i is 0 or 7 or 49, float.IsNaN(scores[i]), $"row {i}");
    }

    [TestMethod]
    public void No_rows_and_one_row()
    {
        using var transformer = HostedModels.Regression(_context, seed: 21);
        Assert.IsEmpty(HostedModels.Column<float>(transformer.Transform(HostedModels.Data(_context, 0)), "Score"));
        Assert.AreEqual(0L, transformer.Runs);
        Assert.HasCount(1, HostedModels.Column<float>(transformer.Transform(HostedModels.Data(_context, 1)), "Score"));
        Assert.AreEqual(1L, transformer.Runs);
    }

    [TestMethod]
    public void An_uneven_row_is_named()
    {
        using var transformer = HostedModels.Regression(_context, varying: true, seed: 22);
        var rows = HostedModels.Rows(5, varying: true).ToArray();
        rows[3].Features = [1, 2, 3];
        var error = Assert.ThrowsExactly<ArgumentException>(
            () => HostedModels.Column<float>(transformer.Transform(HostedModels.Load(_context, rows, varying: true)), "Score"));
        StringAssert.Contains(error.Message, "Row 3");
        StringAssert.Contains(error.Message, "'Features'");
    }

    [TestMethod]
    public void A_cancelled_environment_stops_scoring()
    {
        var context = new MLContext(1);
        using var transformer = HostedModels.Regression(context, seed: 23);
        transformer.Scoring = new() { BatchSize = 8 };
        var scored = transformer.Transform(HostedModels.Data(context, 100));
        using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        Assert.IsTrue(cursor.MoveNext());
        context.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() =>
        {
            while (cursor.MoveNext())
            {
            }
        });
        // What is scored afterwards is scored on purpose.
        Assert.HasCount(100, HostedModels.Column<float>(scored, "Score"));
    }

    [TestMethod]
    public void The_batch_size_is_the_callers_choice()
    {
        using var transformer = HostedModels.Regression(_context, seed: 24);
        Assert.AreEqual(256, transformer.Scoring.BatchSize);
        HostedModels.Column<float>(transformer.Transform(HostedModels.Data(_context, 100)), "Score");
        Assert.AreEqual(1L, transformer.Runs);
        transformer.Scoring = new() { BatchSize = 10, NumberOfThreads = 1 };
        HostedModels.Column<float>(transformer.Transform(HostedModels.Data(_context, 100)), "Score");
        Assert.AreEqual(11L, transformer.Runs);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => transformer.Scoring = new() { BatchSize = 0 });
    }

    private static float ScoreAlone(RecurrentTransformer transformer, HostedModels.Row row)
    {
        using var batch = new ScoringBatch(transformer.Model.Manifest, 1);
        row.Features.CopyTo(batch.Values(batch.Add(row.Features.Length / HostedModels.Features), 0));
        transformer.Score(batch);
        return batch.Floats(0, 0)[0];
    }
}
