using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Whether calibrated bounds hold what they promise where the test part is not like the validation part.</summary>
[TestClass]
public sealed class CalibrationTests
{
    private const int Window = 48, Horizon = 12;
    private static readonly MLContext Context = new(1);

    private sealed class Hour
    {
        [LoadColumn(0)] public DateTime Time { get; set; }
        [LoadColumn(7)] public float Value { get; set; }
    }

    [TestMethod]
    public void Bounds_cover_ETTh1s_quiet_test_months_though_its_validation_months_were_lively()
    {
        var rows = Context.Data.LoadFromTextFile<Hour>(SharedFolder.Find("data", "ett", "ETTh1.csv"), ',', hasHeader: true);
        var (coverage, width) = Measure(Fit(Context.Data.TakeRows(rows, 8640), Part(rows, 8640 - Window, Window + 2880)),
            Part(rows, 11520 - Window, Window + 2880));
        Assert.IsTrue(coverage is >= 0.87 and <= 0.93, $"covered {coverage:0.000}, mean width {width:0.00}");
        NumberAssert.IsLessThan(6, width, "bounds that enclose everything would not do");
    }

    [TestMethod]
    public void Bounds_widen_with_a_windows_own_liveliness()
    {
        // The calibration's noise is twice that of what comes: only in units of the window do the bounds stay right.
        var model = Fit(Noise(3000, 1, 2), Noise(2000, 2, 2));
        var (loud, wide) = Measure(model, Noise(3000, 3, 2));
        var (quiet, narrow) = Measure(model, Noise(3000, 4, 1));
        Assert.AreEqual(0.9, loud, 0.03);
        Assert.IsTrue(quiet is >= 0.9 and < 0.96, $"{quiet:0.000}");
        NumberAssert.IsGreaterThan(1.4, wide / narrow);
    }

    [TestMethod]
    public void A_flat_window_has_bounds_that_are_open()
    {
        var model = Fit(Noise(1000, 1, 2), Noise(500, 2, 2));
        var flat = model.Transform(
            Context.Data.LoadFromEnumerable(Enumerable.Range(0, Window).Select(t => new Hour { Time = new DateTime(2000, 1, 1).AddHours(t), Value = 100 })));
        var (lower, upper) = (flat.GetColumn<float[]>("Lower").Last(), flat.GetColumn<float[]>("Upper").Last());
        for (var h = 0; h < Horizon; h++) NumberAssert.IsGreaterThan(0.1f, upper[h] - lower[h]);
    }

    [TestMethod]
    public void Series_that_never_move_can_be_calibrated()
    {
        var rows = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(t => new Hour { Time = new DateTime(2000, 1, 1).AddHours(t), Value = 5 }));
        var (coverage, width) = Measure(Fit(rows, null), rows);
        Assert.AreEqual(1, coverage);
        Assert.IsTrue(double.IsFinite(width));
    }

    private static RecurrentForecastingTransformer Fit(IDataView train, IDataView? validation) => Context.Forecasting.ForecastByRecurrentNetwork(new()
    {
        Input = new SeriesInputOptions { InputColumnName = "Value", TimeColumnName = "Time", WindowSize = Window },
        Horizon = Horizon,
        Network = { HiddenSize = 24 },
        Stopping = { MaximumNumberOfEpochs = 2 },
        Seed = 1,
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
    }).Fit(train, validation);

    private static (double Coverage, double Width) Measure(RecurrentForecastingTransformer model, IDataView rows)
    {
        var answers = model.Transform(rows);
        var truth = rows.GetColumn<float>("Value").ToArray();
        var (lower, upper) = (answers.GetColumn<float[]>("Lower").ToArray(), answers.GetColumn<float[]>("Upper").ToArray());
        double inside = 0, width = 0, count = 0;
        for (var t = Window - 1; t + Horizon < truth.Length; t++)
        {
            for (var h = 0; h < Horizon; h++, count++)
            {
                if (truth[t + 1 + h] >= lower[t][h] - 1e-4f && truth[t + 1 + h] <= upper[t][h] + 1e-4f) inside++;
                width += upper[t][h] - lower[t][h];
            }
        }
        return (inside / count, width / count);
    }

    private static IDataView Part(IDataView rows, int skip, int take) => Context.Data.TakeRows(Context.Data.SkipRows(rows, skip), take);

    private static IDataView Noise(int length, int seed, double deviation)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return Context.Data.LoadFromEnumerable(Enumerable.Range(0, length)
            .Select(t => new Hour { Time = new DateTime(2000, 1, 1).AddHours(t), Value = (float)(100 + deviation * Normal()) }).ToArray());
    }
}
