using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Scoring;

namespace Microsoft.ML.Recurrent.Tests.Hosting;

/// <summary>A cursor that scores several batches at once: the same rows, answers and errors as one that scores batch by batch.</summary>
[TestClass]
public sealed class ParallelCursorTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    [DataRow(2, false)]
    [DataRow(2, true)]
    [DataRow(5, false)]
    [DataRow(40, false)]
    public void Answers_and_their_order_are_those_of_one_thread(int threads, bool varying)
    {
        using var transformer = HostedModels.Regression(_context, varying, seed: 21);
        var data = HostedModels.Data(_context, 3001, varying);
        transformer.Scoring = new() { NumberOfThreads = 1, BatchSize = 16 };
        var expected = HostedModels.Column<float>(transformer.Transform(data), "Score");
        transformer.Scoring = new() { NumberOfThreads = threads, BatchSize = 16 };
        for (var pass = 0; pass < 3; pass++)
        {
            var answers = HostedModels.Column<float>(transformer.Transform(data), "Score");
            Assert.HasCount(expected.Length, answers);
            for (var i = 0; i < answers.Length; i++) Assert.AreEqual(expected[i], answers[i], 1e-5f, $"row {i}");
        }
        NumberAssert.IsGreaterThanOrEqualTo(3001 / 16, transformer.Runs / 4);
    }

    [TestMethod]
    public void The_source_is_read_by_the_consumer_alone_and_every_row_once()
    {
        using var transformer = HostedModels.Regression(_context, seed: 22);
        transformer.Scoring = new() { NumberOfThreads = 3, BatchSize = 8 };
        var threads = new HashSet<int>();
        var read = 0;
        var source = HostedModels.Load(_context, Read());
        Assert.HasCount(500, HostedModels.Column<float>(transformer.Transform(source), "Score"));
        CollectionAssert.AreEqual(new[] { Environment.CurrentManagedThreadId }, threads.ToArray());
        Assert.AreEqual(500, read);

        IEnumerable<HostedModels.Row> Read()
        {
            foreach (var row in HostedModels.Rows(500))
            {
                threads.Add(Environment.CurrentManagedThreadId);
                read++;
                yield return row;
            }
        }
    }

    [TestMethod]
    public void The_rows_before_an_error_of_the_source_are_served()
    {
        using var transformer = HostedModels.Regression(_context, seed: 23);
        foreach (var threads in new[] { 1, 3 })
        {
            transformer.Scoring = new() { NumberOfThreads = threads, BatchSize = 8 };
            var scored = transformer.Transform(HostedModels.Load(_context, Broken()));
            using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
            var rows = 0;
            var error = Assert.ThrowsExactly<IOException>(() =>
            {
                while (cursor.MoveNext()) rows++;
            });
            Assert.AreEqual("the disk is gone", error.Message);
            Assert.AreEqual(96, rows);
            Assert.IsFalse(cursor.MoveNext());
        }

        static IEnumerable<HostedModels.Row> Broken()
        {
            foreach (var row in HostedModels.Rows(100)) yield return row;
            throw new IOException("the disk is gone");
        }
    }

    [TestMethod]
    public void A_cursor_left_while_batches_are_scored_waits_for_them()
    {
        using var transformer = HostedModels.Regression(_context, seed: 24);
        transformer.Scoring = new() { NumberOfThreads = 4, BatchSize = 16 };
        var scored = transformer.Transform(HostedModels.Data(_context, 2000));
        for (var rows = 1; rows < 60; rows++)
        {
            using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
            for (var i = 0; i < rows; i++) Assert.IsTrue(cursor.MoveNext());
        }
        transformer.Dispose();
        Assert.AreEqual(0, OnnxSessions.Leases(transformer.Model.Identity));
    }
}
