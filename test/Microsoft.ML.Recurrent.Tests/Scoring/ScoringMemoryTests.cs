using System.Diagnostics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

[TestClass]
[DoNotParallelize]
public sealed class ScoringMemoryTests
{
    private readonly MLContext _context = new(1);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_row_allocates_nothing(bool varying)
    {
        const int rows = 100_000;
        using var transformer = HostedModels.Regression(_context, varying, seed: 31);
        var scored = transformer.Transform(HostedModels.Load(_context, Stream(rows, varying), varying));
        using var cursor = scored.GetRowCursor([scored.Schema["Score"], scored.Schema["Features"], scored.Schema["Number"], scored.Schema["Name"]]);
        var score = cursor.GetGetter<float>(scored.Schema["Score"]);
        var features = cursor.GetGetter<VBuffer<float>>(scored.Schema["Features"]);
        var number = cursor.GetGetter<int>(scored.Schema["Number"]);
        var (s, f, n) = (0f, default(VBuffer<float>), 0);
        void Read(int count)
        {
            for (var i = 0; i < count; i++)
            {
                Assert.IsTrue(cursor.MoveNext());
                score(ref s);
                features(ref f);
                number(ref n);
            }
        }
        Read(rows / 2);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Read(rows / 2);
        var bytes = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / (rows / 2);
        NumberAssert.IsLessThanOrEqualTo(1.0, bytes, $"{bytes} bytes a row.");
    }

    [TestMethod]
    public void A_million_rows_take_no_more_memory_than_ten_thousand()
    {
        using var transformer = HostedModels.Regression(_context, seed: 32);
        Peak(transformer, 20_000);
        var small = Peak(transformer, 10_000);
        var large = Peak(transformer, 1_000_000);
        NumberAssert.IsLessThanOrEqualTo(1.1 * small, large, $"{small >> 20} MiB at 10,000 rows, {large >> 20} MiB at 1,000,000.");
    }

    private long Peak(RecurrentRegressionTransformer transformer, int rows)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var scored = transformer.Transform(HostedModels.Load(_context, Stream(rows, varying: false)));
        using var cursor = scored.GetRowCursor(scored.Schema);
        var score = cursor.GetGetter<float>(scored.Schema["Score"]);
        var (s, sum, peak) = (0f, 0.0, 0L);
        using var process = Process.GetCurrentProcess();
        for (var i = 0; cursor.MoveNext(); i++)
        {
            score(ref s);
            sum += s;
            if (i % 5000 != 0) continue;
            process.Refresh();
            peak = Math.Max(peak, process.WorkingSet64);
        }
        Assert.IsTrue(double.IsFinite(sum));
        return peak;
    }

    // One row object over and over: what is allocated is not the source's.
    private static IEnumerable<HostedModels.Row> Stream(int count, bool varying)
    {
        var rows = HostedModels.Rows(64, varying).ToArray();
        for (var i = 0; i < count; i++) yield return rows[i % rows.Length];
    }
}
