using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Series that skip weekdays or hours regularly, in back-tests, forecasters and the engine: seasons count rows.</summary>
[TestClass]
public sealed class BusinessSeriesTests
{
    private const int Horizon = 3;
    private static readonly MLContext Context = new(1);
    private static readonly DateTime Start = new(2024, 1, 1);

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public float Y { get; set; }
        public float Known { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    /// <summary>The place of a row in its season decides its value.</summary>
    private static Row[] Rows(string kind, int days)
    {
        var (has, hours) = kind switch
        {
            "six days" => ((Func<DayOfWeek, bool>)(day => day is not DayOfWeek.Sunday), new[] { 0.0 }),
            "Sunday to Thursday" => (day => day is not (DayOfWeek.Friday or DayOfWeek.Saturday), [0.0]),
            "trading" => (IsWork, [.. Enumerable.Range(19, 13).Select(half => half / 2.0)]),
            _ => (IsWork, [.. Enumerable.Range(9, 8).Select(hour => (double)hour)]),
        };
        return [.. from day in Enumerable.Range(0, days)
            let date = Start.AddDays(day)
            where has(date.DayOfWeek)
            from hour in hours
            let value = (hours.Length > 1 ? hour * 7 % 11 : (int)date.DayOfWeek * 3 % 7) * 10 + 100
            select new Row { Time = date.AddHours(hour), Y = (float)value, Known = (float)value }];

        static bool IsWork(DayOfWeek day) => day is not (DayOfWeek.Saturday or DayOfWeek.Sunday);
    }

    private static IDataView View(IEnumerable<Row> rows) => Context.Data.LoadFromEnumerable(rows);

    private static RecurrentForecastingEstimator.Options Options(bool fills = false, params string[] ahead) => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = "Y", TimeColumnName = "Time", WindowSize = 70, FutureCovariateColumnNames = ahead, CalendarFeatures = CalendarFeatures.Auto,
        },
        Horizon = Horizon,
        Network = { HiddenSize = 4 },
        Stopping = { MaximumNumberOfEpochs = 1 },
        MissingValues = { FillTimeGaps = fills },
        Seed = 1,
    };

    [TestMethod]
    [DataRow("six days", 300, 6, "day, Monday to Saturday")]
    [DataRow("Sunday to Thursday", 300, 5, "day, Sunday to Thursday")]
    [DataRow("trading", 60, 13, "30 minutes, 09:30 to 15:30, Monday to Friday")]
    [DataRow("business hours", 60, 8, "hour, 09:00 to 16:00, Monday to Friday")]
    public void The_season_of_a_back_test_counts_rows(string kind, int days, int season, string frequency)
    {
        var result = Context.Forecasting.BackTest(View(Rows(kind, days)), Context.Transforms.CustomMapping<Row, Fixed>(
            (row, answer) => answer.Forecast = [row.Y, row.Y, row.Y], contractName: null), new BackTestOptions
            {
                TargetColumnName = "Y", TimeColumnName = "Time", Horizon = Horizon,
                Baselines = [ForecastBaseline.SeasonalNaive, ForecastBaseline.Naive2, ForecastBaseline.Theta, ForecastBaseline.Ets],
                Metrics = [ForecastMetric.MeanAbsoluteError, ForecastMetric.MeanAbsoluteScaledError],
            });
        Assert.AreEqual(season, result.Season);
        Assert.AreEqual(frequency, result.Frequency!.ToString());
        // The series repeats itself: each baseline that knows the season is right.
        foreach (var baseline in (string[])["Seasonal naive", "Naive2", "Theta", "ETS"])
            NumberAssert.IsLessThan(baseline == "ETS" ? 0.1 : 1e-3, result[baseline].Metrics.MeanAbsoluteError, baseline);
    }

    private sealed class Fixed
    {
        [Microsoft.ML.Data.VectorType(Horizon)]
        public float[] Forecast { get; set; } = [];
    }

    [TestMethod]
    [DataRow("six days", 300, "6, 24")]
    [DataRow("trading", 60, "2, 13, 65")]
    [DataRow("business hours", 60, "8, 40")]
    public void Default_lags_are_rows_and_skipped_times_are_neither_filled_nor_awaited(string kind, int days, string lags)
    {
        var rows = Rows(kind, days);
        var (known, next) = (rows[..^8], rows[^8..^5]);
        var model = Context.Forecasting.ForecastByRecurrentNetwork(Options(false, "Known")).Fit(View(known));
        Assert.AreEqual(lags, string.Join(", ", model.Model.Description.Lags));
        Assert.AreEqual(0, model.Model.Manifest.Forecast!.UsualGap);
        // Nothing is filled: the same network as without filling.
        var filling = Context.Forecasting.ForecastByRecurrentNetwork(Options(true, "Known")).Fit(View(known));
        Assert.AreEqual(model.Model.History.Epochs[^1].Loss, filling.Model.History.Epochs[^1].Loss, 0);
        foreach (var forecaster in (RecurrentForecastingTransformer[])[model, filling])
        {
            using var engine = forecaster.CreateForecastEngine(Context, maximumStepsAhead: 1);
            engine.Observe(View(known[..^3]));
            // One step ahead is the next row, over nights and weekends too.
            foreach (var row in known[^3..]) engine.Observe(row);
            var expected = engine.Predict(View(next)).Values;
            Assert.IsTrue(expected.All(float.IsFinite));
            var transformed = Context.Data.CreateEnumerable<Answer>(forecaster.Transform(View([.. known, .. next.Select(row =>
                new Row { Time = row.Time, Known = row.Known, Y = float.NaN })])), false).ToArray()[known.Length - 1].Forecast;
            for (var step = 0; step < Horizon; step++) Assert.AreEqual(expected[step], transformed[step], 1e-3f);
        }
        // A step that is missing is one, a row on a skipped day is none.
        using var strict = model.CreateForecastEngine(Context);
        strict.Observe(View(known));
        StringAssert.Contains(Refusal(() => strict.Predict(View(rows[^7..^4]))), $"lack the step {next[0].Time:yyyy-MM-dd HH:mm:ss}");
        var sunday = known[^1].Time.Date;
        while (sunday.DayOfWeek is not DayOfWeek.Sunday) sunday = sunday.AddDays(1);
        var off = next.Where(row => row.Time < sunday).Append(new Row { Time = sunday.AddHours(10), Known = 1 }).Concat(rows[^4..]).Take(4);
        if (off.Count(row => row.Time < sunday) < Horizon) StringAssert.Contains(Refusal(() => strict.Predict(View(off))), "which is no step of the series");
        using var bounded = model.CreateForecastEngine(Context, maximumStepsAhead: 1);
        bounded.Observe(View(known));
        StringAssert.Contains(Refusal(() => bounded.Observe(next[1])), "too far after the previous row");
    }

    [TestMethod]
    public void Rows_that_lack_between_are_filled_on_the_calendar()
    {
        var rows = Rows("business hours", 60);
        // Two hours over a weekend: Friday's last and Monday's first.
        var monday = Array.FindIndex(rows, row => row.Time.DayOfWeek is DayOfWeek.Monday && row.Time > Start.AddDays(30));
        var masked = Context.Forecasting.ForecastByRecurrentNetwork(Options(true)).Fit(View(rows.Select((row, i) =>
            i == monday || i == monday - 1 ? new Row { Time = row.Time, Y = float.NaN } : row)));
        var filled = Context.Forecasting.ForecastByRecurrentNetwork(Options(true)).Fit(View(rows.Where((_, i) => i != monday && i != monday - 1)));
        Assert.AreEqual(masked.Model.History.Epochs[^1].Loss, filled.Model.History.Epochs[^1].Loss, 0);
        using var whole = masked.CreateForecastEngine(Context);
        whole.Observe(View(rows[..(monday - 1)]));
        foreach (var i in (int[])[monday - 1, monday]) whole.Observe(new Row { Time = rows[i].Time, Y = float.NaN });
        whole.Observe(rows[monday + 1]);
        using var gapped = masked.CreateForecastEngine(Context);
        gapped.Observe(View(rows[..(monday - 1)]));
        gapped.Observe(rows[monday + 1]);
        CollectionAssert.AreEqual(whole.Predict().Values.ToArray(), gapped.Predict().Values.ToArray());
    }

    [TestMethod]
    public void A_saved_model_keeps_its_calendar()
    {
        var model = Context.Forecasting.ForecastByRecurrentNetwork(Options()).Fit(View(Rows("trading", 60)));
        using var stream = new MemoryStream();
        Context.Model.Save(model, null, stream);
        stream.Position = 0;
        var loaded = (RecurrentForecastingTransformer)Context.Model.Load(stream, out _);
        Assert.AreEqual(model.Model.Manifest.Forecast!.Frequency, loaded.Model.Manifest.Forecast!.Frequency);
        Assert.AreEqual(13, loaded.Model.Manifest.Forecast.Frequency!.Season);
    }

    [TestMethod]
    public void Times_that_fit_no_calendar_are_said_and_have_no_season()
    {
        var twice = Enumerable.Range(0, 60).SelectMany(month => new[] { Start.AddMonths(month), Start.AddMonths(month).AddDays(14) })
            .Select((time, i) => new Row { Time = time, Y = i % 24 }).ToArray();
        var (context, warnings) = (new MLContext(1), new List<string>());
        context.Log += (_, message) =>
        {
            if (message.Kind is ChannelMessageKind.Warning && message.Message.Contains("fit no frequency", StringComparison.Ordinal))
                warnings.Add(message.Message);
        };
        var options = Options();
        options.Input.WindowSize = 30;
        var model = context.Forecasting.ForecastByRecurrentNetwork(options).Fit(context.Data.LoadFromEnumerable(twice));
        Assert.HasCount(1, warnings);
        StringAssert.Contains(warnings[0], "Input.Frequency");
        Assert.HasCount(0, model.Model.Description.Lags);
        var result = context.Forecasting.BackTest(context.Data.LoadFromEnumerable(twice), context.Transforms.CustomMapping<Row, Fixed>(
            (row, answer) => answer.Forecast = [row.Y, row.Y, row.Y], contractName: null), new BackTestOptions
            {
                TargetColumnName = "Y", TimeColumnName = "Time", Horizon = Horizon,
            });
        Assert.HasCount(2, warnings);
        StringAssert.Contains(warnings[1], "set the option Season");
        Assert.AreEqual(1, result.Season);
        Assert.IsNull(result.Frequency);
    }

    private static string Refusal(Action call) => Assert.ThrowsExactly<ArgumentException>(call).Message;
}
