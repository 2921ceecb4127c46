using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Whether bounds hold where the validation part, the end of the series, is unlike the rest.</summary>
[TestClass]
public sealed class SpreadCalibrationTests
{
    private const int Window = 48, Horizon = 12, Day = 24;
    private static readonly MLContext Context = new(1);

    private sealed class Hour
    {
        public DateTime Time { get; set; }
        [VectorType(2)] public float[] Values { get; set; } = [];
    }

    [TestMethod]
    public void Bounds_hold_after_an_end_of_the_series_without_the_shocks_that_came_before_and_come_again()
    {
        var model = Fit(Rows(3000, 1, Shocks(until: 2700)));
        Assert.AreEqual(0.9, Coverage(model, Rows(2000, 2, Shocks(until: 2000)), static _ => true), 0.03);
    }

    [TestMethod]
    public void Bounds_are_wide_where_the_forecast_lies_as_far_from_the_mean_as_large_errors_did()
    {
        var model = Fit(Rows(4000, 1, LoudPeaks));
        var test = Rows(2000, 2, LoudPeaks);
        Assert.AreEqual(0.9, Coverage(model, test, static t => Wave(t) > 0.5), 0.05, "at the peaks");
        Assert.AreEqual(0.9, Coverage(model, test, static t => Wave(t) < -0.5), 0.05, "at the troughs");
    }

    [TestMethod]
    public void The_scale_is_learned_after_the_first_epoch_before_training_windows_are_memorized()
    {
        var rows = Rows(1000, 1, LoudPeaks);
        using RecurrentForecastingTransformer one = Fit(rows, static options => options.Stopping.MaximumNumberOfEpochs = 1),
            four = Fit(rows, static options => options.Stopping.MaximumNumberOfEpochs = 4);
        foreach (var name in (string[])["head.scale_weight", "head.scale_distance_weight"])
            CollectionAssert.AreEqual(one.Model.HeadParameter(name), four.Model.HeadParameter(name));
    }

    [TestMethod]
    [DataRow(0.6f, 0.6f, 0.6f, DisplayName = "nothing memorized")]
    [DataRow(0.6f, 0.9f, 0.6f, DisplayName = "training windows fell by less")]
    [DataRow(0.6f, 0.15f, 1.2f, DisplayName = "training windows fell by four times as much: twice")]
    public void Half_of_what_was_memorized_is_added(float held, float learned, float expected) =>
        Assert.AreEqual(expected, ConformalCalibration.Since(held, learned), 1e-6f);

    [TestMethod]
    [DataRow(0, ForecastStrategy.Direct)]
    [DataRow(Day, ForecastStrategy.Direct)]
    [DataRow(0, ForecastStrategy.Recursive)]
    public void The_scale_of_the_exported_graph_is_that_of_the_tape(int season, ForecastStrategy strategy)
    {
        using var model = Fit(Rows(1500, 1, LoudPeaks), options => (options.Normalization.SeasonLength, options.Decoding.Strategy) = (season, strategy));
        var shape = ForecastHeadOptions.Create(model.Model.Manifest.Forecast!);
        Assert.IsTrue(shape.BoundScale!.HasDistance);
        NumberAssert.IsGreaterThan(0.05f, model.Model.HeadParameter("head.scale_distance_weight")[0], "errors are large at the peaks");
        ForecastEquality.Check(model.Model, network => new PointForecastHead(default, shape, network));
    }

    [TestMethod]
    public void A_fit_that_goes_on_after_its_first_epoch_gives_the_bounds_of_an_uninterrupted_one()
    {
        var (rows, folder) = (Rows(1000, 1, LoudPeaks), Directory.CreateTempSubdirectory("recurrent-bounds-").FullName);
        try
        {
            using var whole = Fit(rows, static options => options.Stopping.MaximumNumberOfEpochs = 4);
            using (Fit(rows, options => (options.Checkpoints.Folder, options.Stopping.MaximumNumberOfEpochs) = (folder, 2)))
            {
                using var resumed = Fit(rows, options =>
                    (options.Checkpoints.Folder, options.Checkpoints.Resume, options.Stopping.MaximumNumberOfEpochs) = (folder, true, 4));
                foreach (var column in (string[])["Lower", "Upper"])
                    CollectionAssert.AreEqual(Last(whole, column), Last(resumed, column));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        float[] Last(RecurrentForecastingTransformer model, string column) => model.Transform(rows).GetColumn<float[]>(column).Last();
    }

    private static double Wave(int t) => Math.Sin(t * Math.Tau / Day);

    private static float[] LoudPeaks(int t, Func<double> normal) =>
        [(float)(100 + 20 * Wave(t) + Math.Exp(1.5 * Wave(t)) * normal()), (float)(5 - 2 * Wave(t) + 0.1 * normal())];

    private static Func<int, Func<double>, float[]> Shocks(int until) => (t, normal) =>
    {
        var shock = normal() < -1 && t < until ? 8 * normal() : 0;
        return [(float)(100 + 10 * Wave(t) + 0.3 * normal() + shock), (float)(5 + 0.1 * normal())];
    };

    private static IDataView Rows(int count, int seed, Func<int, Func<double>, float[]> value)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return Context.Data.LoadFromEnumerable(
            Enumerable.Range(0, count).Select(t => new Hour { Time = new DateTime(2000, 1, 1).AddHours(t), Values = value(t, Normal) }).ToArray());
    }

    private static RecurrentForecastingTransformer Fit(IDataView train, Action<RecurrentForecastingEstimator.Options>? change = null)
    {
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions { InputColumnName = "Values", TimeColumnName = "Time", WindowSize = Window },
            Horizon = Horizon,
            Network = { HiddenSize = 16 },
            Stopping = { MaximumNumberOfEpochs = 3 },
            Seed = 1,
            Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
        };
        change?.Invoke(options);
        return Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(train);
    }

    // Of the first target, at the rows that are asked for.
    private static double Coverage(RecurrentForecastingTransformer model, IDataView rows, Func<int, bool> counts)
    {
        var answers = model.Transform(rows);
        var truth = rows.GetColumn<float[]>("Values").Select(values => values[0]).ToArray();
        var (lower, upper) = (answers.GetColumn<float[]>("Lower").ToArray(), answers.GetColumn<float[]>("Upper").ToArray());
        double inside = 0, count = 0;
        for (var t = Window - 1; t + Horizon < truth.Length; t++)
        {
            for (var h = 0; h < Horizon; h++)
            {
                var row = t + 1 + h;
                if (!counts(row)) continue;
                count++;
                if (truth[row] >= lower[t][2 * h] && truth[row] <= upper[t][2 * h]) inside++;
            }
        }
        return inside / count;
    }
}
