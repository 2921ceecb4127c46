using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting.Evaluation;

/// <summary>Origins that are told by dates, and several season lengths.</summary>
[TestClass]
public sealed class BackTestOriginTests
{
    private static readonly MLContext Context = new(1);
    private static readonly DateTime Begin = new(2026, 1, 1);

    /// <summary>Ten days of half hours: a day and a pattern of two days.</summary>
    private static SeriesRow[] Rows(int count = 480) =>
        [.. Enumerable.Range(0, count).Select(t => new SeriesRow { Time = Begin.AddMinutes(30 * t), Value = t % 48 + (t % 96 < 48 ? 0 : 100) })];

    private static BackTestResult Run(Action<BackTestOptions> set, IEnumerable<SeriesRow>? rows = null, IEstimator<ITransformer>? model = null)
    {
        var options = new BackTestOptions
        {
            TargetColumnName = "Value", Horizon = TestForecasters.Horizon, TimeColumnName = "Time", Baselines = [ForecastBaseline.LastValue],
        };
        set(options);
        return Context.Forecasting.BackTest(Context.Data.LoadFromEnumerable(rows ?? Rows()), model ?? TestForecasters.LastValue(Context), options);
    }

    private static DateTime?[] Times(BackTestResult result) => [.. result.Origins.Select(origin => origin.Time)];

    private static DateTime?[] At(params string[] times) => [.. times.Select(time => (DateTime?)DateTime.Parse(time, null))];

    [TestMethod]
    public void The_first_forecast_is_that_of_the_start_and_the_rows_before_it_are_learned()
    {
        var fits = new List<SeriesRow[]>();
        var result = Run(options => (options.Start, options.Stride, options.NumberOfOrigins) = (new(2026, 1, 9), 10, 3),
            model: TestForecasters.LastValue(Context).Watched(Context, fits));
        CollectionAssert.AreEqual(At("2026-01-08 23:30", "2026-01-09 04:30", "2026-01-09 09:30"), Times(result));
        Assert.AreEqual(Begin.AddDays(8).AddMinutes(-30), fits.Single().Max(row => row.Time));
        Assert.AreEqual(Rows()[8 * 48].Value, result.Model.Forecasts[0].Actual.Span[0]);
        // As many as fit, a horizon apart, none too far.
        var all = Times(Run(options => options.Start = new(2026, 1, 10)));
        Assert.HasCount(16, all);
        Assert.AreEqual(Begin.AddDays(10).AddMinutes(-30 * 4), all[^1]);
        // Between two rows the next one is the first.
        Assert.AreEqual(At("2026-01-09 00:00").Single(), Run(options => options.Start = new(2026, 1, 9, 0, 10, 0)).Origins[0].Time);
    }

    [TestMethod]
    public void Origins_lie_at_one_time_of_day()
    {
        var last = Run(options => (options.OriginTimeOfDay, options.NumberOfOrigins) = (new(7, 30), 3));
        CollectionAssert.AreEqual(At("2026-01-08 07:30", "2026-01-09 07:30", "2026-01-10 07:30"), Times(last));
        StringAssert.Contains(last.ToString(), "3 origins from 2026-01-08 07:30 to 2026-01-10 07:30, all at 07:30, 1 fit");
        var start = Run(options => (options.OriginTimeOfDay, options.Start, options.NumberOfOrigins) = (new(7, 30), new(2026, 1, 5), 2));
        CollectionAssert.AreEqual(At("2026-01-05 07:30", "2026-01-06 07:30"), Times(start));
        Assert.HasCount(10, Times(Run(options => options.OriginTimeOfDay = new(7, 30))));
        CollectionAssert.AreEqual(At("2026-01-09 07:30", "2026-01-10 07:30"),
            Times(Run(options => (options.OriginTimeOfDay, options.InitialTrainingRows) = (new(7, 30), 8 * 48))));
    }

    [TestMethod]
    public void A_day_without_the_time_of_day_has_no_origin() => CollectionAssert.AreEqual(At("2026-01-08 07:30", "2026-01-10 07:30"),
        Times(Run(options => (options.OriginTimeOfDay, options.Start) = (new(7, 30), new(2026, 1, 8)),
            Rows().Where(row => row.Time != Begin.AddDays(8).AddHours(7.5)))));

    [TestMethod]
    public void Cutoffs_are_the_origins()
    {
        var result = Run(options => options.Cutoffs = [new(2026, 1, 9, 3, 10, 0), new(2026, 1, 5, 12, 0, 0)]);
        CollectionAssert.AreEqual(At("2026-01-05 12:00", "2026-01-09 03:00"), Times(result));
        Assert.AreEqual(2, result.Measured);
        var fits = new List<SeriesRow[]>();
        Run(options => (options.Cutoffs, options.RefitEvery) = ([new(2026, 1, 9), new(2026, 1, 5)], 1),
            model: TestForecasters.LastValue(Context).Watched(Context, fits));
        CollectionAssert.AreEqual(new[] { new DateTime(2026, 1, 5), new(2026, 1, 9) }, fits.Select(fit => fit.Max(row => row.Time)).ToArray());
    }

    /// <summary>
    /// The options' dates are local times of the zone, on both sides of the night in which Berlin's clock goes back (2024-10-27, 3:00): local rows, instants in
    /// UTC and rows with an offset give the same origins.
    /// </summary>
    [TestMethod]
    [DataRow("local")]
    [DataRow("UTC")]
    [DataRow("offset")]
    public void Dates_are_local_times_of_the_zone(string rows)
    {
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        DateTimeOffset[] times = [.. Enumerable.Range(0, 480).Select(t => TimeZoneInfo.ConvertTime(
            new DateTimeOffset(2024, 10, 19, 22, 0, 0, TimeSpan.Zero).AddMinutes(30 * t), berlin))];
        var view = rows switch
        {
            "local" => Context.Data.LoadFromEnumerable(times.Select((time, t) => new SeriesRow { Time = time.DateTime, Value = t })),
            "UTC" => Context.Data.LoadFromEnumerable(times.Select((time, t) => new SeriesRow { Time = time.UtcDateTime, Value = t })),
            _ => Context.Data.LoadFromEnumerable(times.Select((time, t) => new Moment { Time = time, Value = t })),
        };
        var forecaster = Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = "Value", TimeColumnName = "Time", WindowSize = 12, Features = { TimeZone = "Europe/Berlin" },
            },
            Horizon = TestForecasters.Horizon,
            Network = { HiddenSize = 2 },
            Stopping = { MaximumNumberOfEpochs = 1 },
        });
        BackTestForecast[] Forecasts(Action<BackTestOptions> set)
        {
            var options = new BackTestOptions
            {
                TargetColumnName = "Value", Horizon = TestForecasters.Horizon, TimeColumnName = "Time", Baselines = [ForecastBaseline.LastValue],
                TimeZone = "Europe/Berlin",
            };
            set(options);
            return [.. Context.Forecasting.BackTest(view, forecaster, options).Model.Forecasts];
        }
        void Check(string[] origins, BackTestForecast[] forecasts)
        {
            CollectionAssert.AreEqual(At(origins), forecasts.Select(forecast => forecast.Origin.Time).ToArray());
            foreach (var (forecast, origin) in forecasts.Zip(origins))
            {
                Assert.AreEqual(DateTime.Parse(origin, null), times[forecast.Row].DateTime);
                Assert.AreEqual(forecast.Row + 1, forecast.Actual.Span[0]);
            }
        }
        // The origin is the row before the start: summer time on the 27th, standard time on the 28th.
        Check(["2024-10-26 23:30", "2024-10-27 10:30"],
            Forecasts(options => (options.Start, options.Stride, options.NumberOfOrigins) = (new(2024, 10, 27), 24, 2)));
        Check(["2024-10-27 23:30"], Forecasts(options => (options.Start, options.NumberOfOrigins) = (new(2024, 10, 28), 1)));
        Check(["2024-10-26 07:30", "2024-10-27 07:30", "2024-10-28 07:30"],
            Forecasts(options => (options.OriginTimeOfDay, options.Start, options.NumberOfOrigins) = (new(7, 30), new(2024, 10, 26), 3)));
        Check(["2024-10-26 12:00", "2024-10-28 12:00"], Forecasts(options => options.Cutoffs = [new(2024, 10, 26, 12, 0, 0), new(2024, 10, 28, 12, 0, 0)]));
    }

    private sealed class Moment
    {
        public DateTimeOffset Time { get; set; }
        public float Value { get; set; }
    }

    [TestMethod]
    public void The_seasonal_forecast_is_measured_for_each_season_and_errors_are_scaled_by_the_first()
    {
        BackTestResult Of(params int[] lengths) => Run(options => (options.SeasonLengths, options.Baselines) =
            (lengths, [ForecastBaseline.SeasonalNaive, ForecastBaseline.Naive2]));
        var both = Of(48, 96);
        CollectionAssert.AreEqual((string[])["Model", "Seasonal naive 48", "Seasonal naive 96", "Naive2"], both.Forecasters.Select(one => one.Name).ToArray());
        CollectionAssert.AreEqual(new[] { 48, 96 }, both.SeasonLengths.ToArray());
        Assert.AreEqual(48, both.Season);
        Assert.AreEqual(100, both["Seasonal naive 48"].Metrics.MeanAbsoluteError, 1e-6);
        Assert.AreEqual(0, both["Seasonal naive 96"].Metrics.MeanAbsoluteError, 1e-6);
        // The scale of errors one day apart is 100.
        Assert.AreEqual(1, both["Seasonal naive 48"].Metrics.MeanAbsoluteScaledError, 1e-6);
        StringAssert.Contains(both.ToString(), "seasons 48 and 96 x 30 minutes (errors are scaled by 48)");
        var one = Of(96);
        Assert.AreEqual(0, one["Seasonal naive"].Metrics.MeanAbsoluteError, 1e-6);
        StringAssert.Contains(one.ToString(), "; season 96 x 30 minutes; context all rows.");
    }

    [TestMethod]
    public void The_text_says_which_rows_were_given()
    {
        var forecaster = Context.Forecasting.ForecastByGru("Forecast", "Value", 12, TestForecasters.Horizon, "Time", hiddenSize: 4, maximumNumberOfEpochs: 1);
        var result = Run(options => options.NumberOfOrigins = 2, model: forecaster);
        Assert.AreEqual(12, result.Model.ContextRows);
        StringAssert.Contains(result.ToString(), "; context 12 rows.");
        Assert.IsNull(result.Baselines.Single().ContextRows);
        var two = Context.Forecasting.BackTest(Context.Data.LoadFromEnumerable(Rows()),
            [new("GRU", forecaster), new("Last", TestForecasters.LastValue(Context))],
            new() { TargetColumnName = "Value", Horizon = TestForecasters.Horizon, TimeColumnName = "Time", NumberOfOrigins = 2 });
        StringAssert.Contains(two.ToString(), "; context 12 rows (GRU), all rows (Last).");
        Assert.AreEqual(7, Run(options => (options.NumberOfOrigins, options.ContextRows) = (2, 7)).Model.ContextRows);
    }

    [TestMethod]
    public void Options_that_contradict_each_other_are_named()
    {
        Named("Start", "InitialTrainingRows", options => (options.Start, options.InitialTrainingRows) = (Begin.AddDays(2), 5));
        Named("Start", "AlignAtSeriesEnd", options => (options.Start, options.AlignAtSeriesEnd) = (Begin.AddDays(2), true));
        Named("Start", "TimeColumnName", options => (options.Start, options.TimeColumnName) = (Begin.AddDays(2), null));
        Named("OriginTimeOfDay", "Stride", options => (options.OriginTimeOfDay, options.Stride) = (new(7, 30), 4));
        Named("OriginTimeOfDay", "TimeColumnName", options => (options.OriginTimeOfDay, options.TimeColumnName) = (new(7, 30), null));
        Named("Cutoffs", "Start", options => (options.Cutoffs, options.Start) = ([Begin.AddDays(2)], Begin.AddDays(2)));
        Named("Cutoffs", "OriginTimeOfDay", options => (options.Cutoffs, options.OriginTimeOfDay) = ([Begin.AddDays(2)], new(7, 30)));
        Named("Cutoffs", "Stride", options => (options.Cutoffs, options.Stride) = ([Begin.AddDays(2)], 2));
        Named("Cutoffs", "NumberOfOrigins", options => (options.Cutoffs, options.NumberOfOrigins) = ([Begin.AddDays(2)], 2));
        Named("Cutoffs", "InitialTrainingRows", options => (options.Cutoffs, options.InitialTrainingRows) = ([Begin.AddDays(2)], 2));
        Named("SeasonLengths", "Season", options => (options.SeasonLengths, options.Season) = ([48], 48));
        Named("SeasonLengths", "48", options => options.SeasonLengths = [48, 48]);
        Named("SeasonLengths", "2 or greater", options => options.SeasonLengths = [1]);
    }

    [TestMethod]
    public void Dates_without_an_origin_are_named()
    {
        Named("Start", "the data begin at 2026-01-01 00:00:00", options => options.Start = Begin);
        Named("Start", "Only 2 points in time follow", options => options.Start = Begin.AddDays(10).AddHours(-1));
        Named("Cutoffs", "at or before the cutoff 2025-12-31", options => options.Cutoffs = [Begin.AddDays(-1)]);
        Named("Cutoffs", "Only 2 points in time follow the cutoff 2026-01-10 22:30:00", options => options.Cutoffs = [Begin.AddDays(10).AddMinutes(-90)]);
        Named("Cutoffs", "are the same origin", options => options.Cutoffs = [Begin.AddDays(1), Begin.AddDays(1).AddMinutes(5)]);
        Named("OriginTimeOfDay", "there are 00:00:00, 00:30:00", options => options.OriginTimeOfDay = new(7, 20));
        Named("OriginTimeOfDay", "the horizon of 3", options => (options.OriginTimeOfDay, options.Start) = (new(23, 0), Begin.AddDays(9).AddHours(22)));
        var numbers = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(t => new Numbered { Time = t, Value = t }));
        var wrong = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Context.Forecasting.BackTest(numbers, TestForecasters.LastValue(Context), new()
        {
            TargetColumnName = "Value", Horizon = 3, TimeColumnName = "Time", Start = Begin,
        }));
        StringAssert.Contains(wrong.Message, "the option Start");
    }

    private static void Named(string option, string text, Action<BackTestOptions> set)
    {
        var error = Assert.Throws<ArgumentException>(() => Run(set));
        Assert.AreEqual(option, error.ParamName, error.Message);
        StringAssert.Contains(error.Message, text);
    }

    private sealed class Numbered
    {
        public float Time { get; set; }
        public float Value { get; set; }
    }
}
