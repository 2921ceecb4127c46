using Microsoft.ML.Recurrent.Benchmarks.Defaults;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting.Defaults;

/// <summary>What chose the forecasters' defaults: that it sees no test row, measures as it says, and judges by its rule.</summary>
[TestClass]
public sealed class SelectionTests
{
    private const string NoNumber = "this is a test row";

    // File by file, lines up to the first one of the test part, as the samples split them.
    private static readonly (string File, Func<int, int> Lines)[] s_files =
    [
        ("ett/ETTh1.csv", _ => 1 + 8640 + 2880), ("m4_hourly/Hourly-train.csv", lines => lines),
        ("metr_la_week/los_speed.csv", lines => 1 + (lines - 1) * 8 / 10),
        ("exchange_rate/exchange_rate.csv", lines => lines * 6 / 10 + lines * 2 / 10), ("daily_min_temp/daily-min-temperatures.csv", lines => lines - 365),
        ("sunspots/monthly-sunspots.csv", lines => 1 + (lines - 1) * 4 / 5),
        ("airline_passengers/airline-passengers.csv", lines => lines - 24), ("beijing_pm25/pollution.csv", lines => lines - 365 * 24),
        ("stocks/AAPL.csv", lines => 1 + (lines - 1) * 8 / 10), ("stocks/GOOG.csv", lines => 1 + (lines - 1) * 8 / 10),
        ("stocks/SP500.csv", lines => 1 + (lines - 1) * 8 / 10),
    ];

    [TestMethod]
    public void Loaders_parse_no_test_row()
    {
        var data = SharedFolder.Find("data");
        var folder = Directory.CreateTempSubdirectory("recurrent-selection-").FullName;
        try
        {
            foreach (var (file, lines) in s_files)
            {
                var all = File.ReadAllLines(Path.Combine(data, file));
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
                File.WriteAllLines(Path.Combine(folder, file), [.. all[..lines(all.Length)], .. Enumerable.Repeat(NoNumber, all.Length - lines(all.Length))]);
            }
            foreach (var set in SelectionSets.All)
            {
                var series = set.Load(folder);
                Assert.IsTrue(series.All(one => one.Values.Length - one.Held - set.Cuts.Max() >= set.Window + set.Horizon && one.Held >= set.Horizon),
                    set.Name);
                Assert.IsTrue(series.All(one => one.Times.Length == 0 || one.Times.Length == one.Values.Length), set.Name);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Points_are_those_of_the_selection_part()
    {
        // Two rows of look-back, three of the part; two steps ahead.
        var part = new SelectionPart([[1], [2], [3], [5]], [[3], [5], [7], [float.NaN], [9]], [[], [6, 8], [8, 10], [], []], Window: 2, Horizon: 2);
        CollectionAssert.AreEqual(new SelectionPoint[] { new(0, 7, 6), new(0, 9, 10) }, part.Points().ToArray());
        Assert.AreEqual(1, SelectionErrors.MeanAbsolute([part]), 1e-9);
        Assert.AreEqual(1, SelectionErrors.RootMeanSquared([part]), 1e-9);
        Assert.AreEqual(1 / 2.1875, SelectionErrors.ScaledSquared([part]), 1e-6);
        CollectionAssert.AreEqual(new float[] { 7, 7 }, part.Naive().Forecasts[3]);
        CollectionAssert.AreEqual(new float[] { 3, 5 }, part.Naive(2).Forecasts[1]);
    }

    [TestMethod]
    [DataRow(0.97, 1.02, 1.0, false, false, "better: goes on")]
    [DataRow(0.99, 1.02, 1.0, false, false, "stays out: tie")]
    [DataRow(0.97, 1.08, 1.0, false, false, "stays out: worse on one set")]
    [DataRow(1.005, 1.02, 1.0, true, false, "tie, simpler: goes on")]
    [DataRow(1.005, 1.02, 1.5, true, false, "stays out: tie")]
    [DataRow(1.005, 1.02, 0.7, false, false, "tie, cheaper: goes on")]
    [DataRow(1.005, 1.02, 1.1, false, true, "tie, wanted: goes on")]
    [DataRow(1.02, 1.02, 0.5, true, true, "stays out: worse")]
    public void Judges_by_the_rule(double ratio, double worst, double time, bool simpler, bool wanted, string verdict) =>
        Assert.AreEqual(verdict, SelectionRule.Judge(
        new("one", static _ => { }) { IsSimpler = simpler, IsWanted = wanted },
        new("one", ratio, Noise: 0.01, worst, "set", time, "", new Dictionary<string, double>()), worstNoise: 0.01));

    [TestMethod]
    public void Compares_by_the_seeds_that_both_have()
    {
        var results = new List<SelectionResult>();
        foreach (var set in SelectionSets.All)
        {
            foreach (var (seed, error) in new[] { (1, 1.0), (2, 1.1), (3, 5.0) }) results.Add(Result(Candidates.Present, set, seed, error));
            foreach (var seed in new[] { 1, 2 }) results.Add(Result("half", set, seed, 0.525));
        }
        var comparison = SelectionRule.Compare(new("half", static _ => { }), Candidates.Present, results)!;
        Assert.AreEqual(0.5, comparison.Ratio, 1e-9);
        Assert.AreEqual(SelectionRule.SpreadOfSeeds("sunspots", results) / Math.Sqrt(SelectionSets.All.Length), comparison.Noise, 1e-9);
        Assert.IsNull(SelectionRule.Compare(new("never run", static _ => { }), Candidates.Present, results));

        static SelectionResult Result(string candidate, SelectionSet set, int seed, double error) =>
            new(candidate, set.Name, seed, error, 1, 1, 1, "2026-11-21");
    }
}
