using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting.Evaluation;

[TestClass]
public sealed class BackTestTests
{
    private static readonly MLContext Context = new(1);

    private static BackTestOptions Options =>
        new() { TargetColumnName = "Value", Horizon = TestForecasters.Horizon, TimeColumnName = "Time", SeriesColumnName = "Series" };

    /// <summary>Two hourly series, rows alternating; "b" begins ten hours later.</summary>
    private static SeriesRow[] Rows(int length = 100, int seed = 5)
    {
        var random = new Random(seed);
        var start = new DateTime(2024, 1, 1);
        return [.. Enumerable.Range(0, length).SelectMany(t => new[] { "a", "b" }.Where(name => name == "a" || t >= 10).Select(name => new SeriesRow
        {
            Series = name,
            Time = start.AddHours(t),
            Value = (name == "a" ? 100 : -5) + 10 * MathF.Sin(t * MathF.PI / 12) + (float)random.NextDouble(),
        }))];
    }

    private static IDataView Load(IEnumerable<SeriesRow> rows) => Context.Data.LoadFromEnumerable(rows);

    private static BackTestResult Run(BackTestOptions options, IEnumerable<SeriesRow>? rows = null, IEstimator<ITransformer>? estimator = null) =>
        Context.Forecasting.BackTest(Load(rows ?? Rows()), estimator ?? TestForecasters.LastValue(Context), options);

    [TestMethod]
    public void The_last_value_as_a_model_measures_like_the_last_value_as_a_baseline()
    {
        var options = Options;
        (options.LowerBoundColumnName, options.UpperBoundColumnName, options.ConfidenceLevel) = ("Lower", "Upper", 0.8f);
        var result = Run(options);
        var (model, baseline) = (result.Model, result["Last value"]);
        Assert.AreEqual(10, result.Origins.Length);
        Assert.AreEqual(20, result.Measured);
        Assert.AreEqual(60, model.Metrics.Count);
        Assert.AreEqual(24, result.Season);
        Assert.AreEqual(new TimeFrequency(TimeUnit.Hour), result.Frequency);
        foreach (var metric in result.Metrics.Where(metric => !double.IsNaN(baseline.Metrics[metric])))
            Assert.AreEqual(baseline.Metrics[metric], model.Metrics[metric], 1e-12, metric.Name);
        for (var step = 0; step < 3; step++) Assert.AreEqual(baseline.ByStep[step].MeanAbsoluteError, model.ByStep[step].MeanAbsoluteError, 1e-12);
        Assert.IsTrue(model.Metrics.Coverage is > 0 and < 1);
        Assert.AreEqual(2, model.Metrics.IntervalWidth, 1e-5);
        Assert.AreEqual(1, result.OverallWeightedAverage(result["Naive2"]), 1e-12);
    }

    [TestMethod]
    public void A_model_that_is_trained_is_measured_as_it_is_and_stays_the_callers()
    {
        var rows = Load(Rows());
        var trainer = Context.Forecasting.ForecastByGru("Forecast", "Value", windowSize: 4, horizon: TestForecasters.Horizon, timeColumnName: "Time",
            seriesColumnName: "Series", hiddenSize: 2, maximumNumberOfEpochs: 1);
        var options = Options;
        options.ModelName = "GRU";
        using var model = trainer.Fit(rows);
        var result = Context.Forecasting.BackTest(rows, (ITransformer)model, options);
        Assert.AreEqual(("GRU", 20), (result.Model.Name, result.Measured));
        // It is neither fitted anew nor disposed of: the same forecasts a second time.
        var again = Context.Forecasting.BackTest(rows, (ITransformer)model, options);
        Assert.AreEqual(result.Model.Metrics.RootMeanSquaredError, again.Model.Metrics.RootMeanSquaredError);
        NumberAssert.IsGreaterThan(0, model.Transform(rows).GetColumn<float[]>("Forecast").Count(static forecast => float.IsFinite(forecast[0])));
        options.RefitEvery = 1;
        Assert.Contains("RefitEvery is 1", Assert.Throws<ArgumentException>(() => Context.Forecasting.BackTest(rows, (ITransformer)model, options)).Message);
    }

    [TestMethod]
    public void Groups_are_parts_of_the_whole()
    {
        var model = Run(Options).Model;
        foreach (var groups in new IEnumerable<ForecastMetrics>[] { model.ByStep, model.ByOrigin, model.BySeries.Values, model.ByTarget.Values })
        {
            Assert.AreEqual(model.Metrics.Count, groups.Sum(group => group.Count));
            Assert.AreEqual(model.Metrics.MeanAbsoluteError, groups.Sum(group => group.MeanAbsoluteError * group.Count) / model.Metrics.Count, 1e-9);
        }
        CollectionAssert.AreEquivalent((string[])["a", "b"], model.BySeries.Keys.ToArray());
    }

    [TestMethod]
    public void Forecasts_stand_beside_what_happened()
    {
        var rows = Rows();
        var result = Run(Options, rows);
        foreach (var forecast in result.Model.Forecasts)
        {
            var series = rows.Where(row => row.Series == forecast.Series).ToArray();
            var at = Array.FindIndex(series, row => row.Time == forecast.Origin.Time);
            Assert.AreSame(series[at], rows[forecast.Row]);
            for (var step = 0; step < 3; step++)
            {
                Assert.AreEqual(series[at].Value, forecast.Forecast.Span[step]);
                Assert.AreEqual(series[at + 1 + step].Value, forecast.Actual.Span[step]);
                Assert.AreEqual((double)series[at + 1 + step].Value - series[at].Value, forecast.Residual(step));
            }
            var scale = Enumerable.Range(24, at + 1 - 24).Average(i => Math.Abs((double)series[i].Value - series[i - 24].Value));
            Assert.AreEqual(scale, forecast.Scale, 1e-9);
        }
        Assert.AreEqual(20, result.Model.Residuals(2).Count());
    }

    [TestMethod]
    [DataRow(0, 1)]
    [DataRow(1, 6)]
    [DataRow(4, 2)]
    public void No_fit_sees_a_row_after_its_first_origin(int refitEvery, int expectedFits)
    {
        var fits = new List<SeriesRow[]>();
        var options = Options;
        (options.RefitEvery, options.NumberOfOrigins, options.Stride) = (refitEvery, 6, 2);
        var result = Run(options, estimator: TestForecasters.LastValue(Context).Watched(Context, fits));
        Assert.HasCount(expectedFits, fits);
        Assert.AreEqual(expectedFits, result.Fits);
        for (var fit = 0; fit < fits.Count; fit++)
        {
            var first = result.Origins[fit * Math.Max(refitEvery, 1)];
            Assert.AreEqual(first.Time, fits[fit].Max(row => row.Time), "all that is known is seen, and nothing later, in no series");
            Assert.AreEqual(first.TrainedRows, fits[fit].Length);
        }
        Assert.AreEqual(TimeSpan.FromHours(2), result.Origins[1].Time!.Value - result.Origins[0].Time!.Value);
        Assert.AreEqual(new DateTime(2024, 1, 1).AddHours(99 - 3), result.Origins[^1].Time, "one horizon follows the last origin");
    }

    [TestMethod]
    public void Changing_later_rows_changes_neither_fits_nor_earlier_forecasts()
    {
        var rows = Rows();
        var (before, after) = (new List<SeriesRow[]>(), new List<SeriesRow[]>());
        var options = Options;
        options.RefitEvery = 1;
        var first = Run(options, rows, TestForecasters.LastValue(Context).Watched(Context, before));
        var changed = first.Origins[4].Time!.Value;
        foreach (var row in rows.Where(row => row.Time > changed)) row.Value += 1000;
        var second = Run(options, rows, TestForecasters.LastValue(Context).Watched(Context, after));
        for (var fit = 0; fit < before.Count; fit++)
        {
            Assert.AreEqual(fit <= 4, before[fit].Select(row => row.Value).SequenceEqual(after[fit].Select(row => row.Value)), $"fit {fit}");
        }
        for (var i = 0; i < first.Forecasters.Length; i++)
        {
            foreach (var (a, b) in first.Forecasters[i].Forecasts.Zip(second.Forecasters[i].Forecasts))
            {
                if (a.Origin.Index <= 4)
                {
                    Assert.IsTrue(a.Forecast.Span.SequenceEqual(b.Forecast.Span), $"{first.Forecasters[i].Name}, origin {a.Origin.Index}");
                    Assert.AreEqual(a.Scale, b.Scale, "scales look back too");
                }
                else if (first.Forecasters[i].Name is "Model" or "Last value" or "Drift")
                    Assert.IsFalse(a.Forecast.Span.SequenceEqual(b.Forecast.Span), "what did change is seen");
            }
        }
    }

    [TestMethod]
    public void A_transformer_that_looks_ahead_is_found_out()
    {
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Run(Options, estimator: TestForecasters.Leaky(Context)));
        StringAssert.Contains(error.Message, "looks ahead");
        var options = Options;
        options.RefitEvery = 1;
        Assert.AreEqual(10, Run(options, estimator: TestForecasters.Leaky(Context)).Fits,
            "with a fit an origin its rows end there, so that there is no future to see");
    }

    [TestMethod]
    public void Gap_and_window_of_training_rows_hold_in_each_series()
    {
        var fits = new List<SeriesRow[]>();
        var options = Options;
        (options.TrainingGap, options.MaximumTrainingRows, options.NumberOfOrigins) = (3, 20, 1);
        var result = Run(options, estimator: TestForecasters.LastValue(Context).Watched(Context, fits));
        foreach (var series in fits[0].GroupBy(row => row.Series))
        {
            Assert.AreEqual(20, series.Count());
            Assert.AreEqual(result.Origins[0].Time!.Value.AddHours(-3), series.Max(row => row.Time));
        }
    }

    [TestMethod]
    public void Without_a_time_column_origins_count_from_each_series_end()
    {
        // "b" ends twenty hours before "a": with times it has no truth at the late origins.
        var rows = Rows().Where(row => row.Series == "a" || row.Time < new DateTime(2024, 1, 1).AddHours(80)).ToArray();
        var options = Options;
        NumberAssert.IsLessThan(20, Run(options, rows).Measured);
        options.AlignAtSeriesEnd = true;
        var aligned = Run(options, rows);
        Assert.AreEqual(20, aligned.Measured);
        Assert.IsNull(aligned.Origins[0].Time);
        options.TimeColumnName = null;
        var untimed = Run(options, rows);
        Assert.AreEqual(1, untimed.Season, "nothing tells the frequency");
        Assert.AreEqual(aligned.Model.Metrics.MeanAbsoluteError, untimed.Model.Metrics.MeanAbsoluteError, 1e-12);
        Assert.IsFalse(untimed.Forecasters.Any(forecaster => forecaster.Name == "Seasonal naive"), "it is the last value there");
        options.InitialTrainingRows = 65;
        Assert.HasCount(1, Run(options, rows).Model.Forecasts.Where(forecast => forecast.Series == "b"), "only the last origin leaves b 65 rows of its 70");
    }

    [TestMethod]
    public void All_origins_are_taken_where_the_initial_rows_are_given()
    {
        var options = Options;
        (options.InitialTrainingRows, options.Stride) = (50, 1);
        var result = Run(options);
        Assert.AreEqual(100 - 3 - 50 + 1, result.Origins.Length);
        Assert.AreEqual(new DateTime(2024, 1, 1).AddHours(49), result.Origins[0].Time);
    }

    [TestMethod]
    public void Where_a_model_is_silent_nobody_is_measured_and_the_number_is_told()
    {
        var result = Run(Options, estimator: TestForecasters.LastValue(Context, silentBelow: 0));
        NumberAssert.IsGreaterThan(0, result.LeftOut);
        Assert.AreEqual(20, result.Measured + result.LeftOut);
        foreach (var forecaster in result.Forecasters) Assert.AreEqual(3 * result.Measured, forecaster.Metrics.Count);
        StringAssert.Contains(result.ToString(), $"{result.LeftOut} forecasts are left out");
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Run(Options, estimator: TestForecasters.LastValue(Context, silentBelow: 1000)));
        StringAssert.Contains(error.Message, "InitialTrainingRows");
    }

    [TestMethod]
    public void Missing_truth_does_not_count()
    {
        var rows = Rows();
        rows[^1].Value = float.NaN;
        var result = Run(Options, rows);
        Assert.AreEqual(59, result.Model.Metrics.Count);
        Assert.AreEqual(59, result["Naive2"].Metrics.Count);
        Assert.IsTrue(result.Forecasters.All(forecaster => double.IsFinite(forecaster.Metrics.RootMeanSquaredError)));
    }

    [TestMethod]
    public void Several_models_share_one_table()
    {
        var result = Context.Forecasting.BackTest(Load(Rows()),
            [new("First", TestForecasters.LastValue(Context)), new("Second", TestForecasters.LastValue(Context, silentBelow: 0))], Options);
        Assert.AreEqual(result["First"].Metrics.Count, result["Second"].Metrics.Count);
        CollectionAssert.AreEqual((string[])["First", "Second", "Last value", "Seasonal naive", "Drift", "Naive2", "Theta", "ETS"],
            result.Forecasters.Select(forecaster => forecaster.Name).ToArray());
        var lines = result.ToString().Split('\n');
        StringAssert.Contains(lines[1], "OWA");
        Assert.IsTrue(lines[2].StartsWith("First", StringComparison.Ordinal));
        StringAssert.Contains(lines[^1], "best baseline");
        Assert.AreEqual(1 + 3, result.ToTableByStep().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.AreEqual(1 + 1 + 1, result.ToTableBySeries(maximumRows: 1).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length,
            "head, one series, and how many more there are");
    }

    [TestMethod]
    public void Rows_of_the_result_go_back_into_a_data_view()
    {
        var result = Run(Options);
        var rows = Context.Data.CreateEnumerable<BackTestRow>(result.ToDataView(Context), reuseRowObject: false).ToArray();
        Assert.HasCount(result.Forecasters.Length * 60, rows);
        Assert.AreEqual(result.Model.Metrics.MeanAbsoluteError, rows.Where(row => row.Forecaster == "Model").Average(row => Math.Abs((double)row.Residual)),
            1e-5);
        Assert.IsTrue(rows.All(row => row.Step is >= 1 and <= 3 && row.OriginTime > new DateTime(2024, 1, 1)));
    }

    [TestMethod]
    public void Progress_rises_to_the_end_and_cancellation_ends_it()
    {
        var seen = new List<BackTestProgress>();
        var options = Options;
        (options.RefitEvery, options.Progress) = (2, new Listener(seen.Add));
        Run(options);
        Assert.AreEqual(5, seen[^1].Fits);
        Assert.AreEqual(10, seen[^1].Origins);
        Assert.AreEqual(TimeSpan.Zero, seen[^1].Remaining);
        Assert.IsTrue(seen.Zip(seen.Skip(1)).All(pair => pair.First.Origins <= pair.Second.Origins && pair.First.Fits <= pair.Second.Fits));

        using var source = new CancellationTokenSource();
        (options.Progress, options.CancellationToken) = (new Listener(progress =>
        {
            if (progress.Origins >= 4) source.Cancel();
        }), source.Token);
        Assert.ThrowsExactly<OperationCanceledException>(() => Run(options));
    }

    private sealed class Listener(Action<BackTestProgress> report) : IProgress<BackTestProgress>
    {
        public void Report(BackTestProgress value) => report(value);
    }
}
