using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>
/// Time columns of any regular frequency: how it is found, the calendar and the lags that go with it, the times of the steps to come, and gaps.
/// </summary>
[TestClass]
public sealed class FrequencyTests
{
    private const int Window = 12, Horizon = 3;
    private const CalendarFeatures Minutes =
        CalendarFeatures.MinuteOfHour | CalendarFeatures.HourOfDay | CalendarFeatures.DayOfWeek | CalendarFeatures.DayOfYear;
    private const CalendarFeatures Hours = CalendarFeatures.HourOfDay | CalendarFeatures.DayOfWeek | CalendarFeatures.DayOfYear;
    private const CalendarFeatures Days = CalendarFeatures.DayOfWeek | CalendarFeatures.DayOfMonth | CalendarFeatures.DayOfYear;
    private static readonly MLContext Context = new(1);

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public DateTimeOffset Moment { get; set; }
        public TimeSpan Span { get; set; }
        public float Number { get; set; }
        public string Text { get; set; } = "";
        public string Name { get; set; } = "";
        public float Value { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    /// <summary>A start, how times go on from it, what is found, and the calendar of long series, the lags of long windows.</summary>
    public static IEnumerable<object[]> Frequencies
    {
        get
        {
            yield return Of("100 milliseconds", new(2026, 1, 1), i => TimeSpan.FromMilliseconds(100 * i), Minutes, []);
            yield return Of("10 seconds", new(2026, 1, 1), i => TimeSpan.FromSeconds(10 * i), Minutes, [6, 360]);
            yield return Of("minute", new(2026, 1, 1, 0, 30, 0), i => TimeSpan.FromMinutes(i), Minutes, [60, 1440]);
            yield return Of("5 minutes", new(2026, 1, 1), i => TimeSpan.FromMinutes(5 * i), Minutes, [12, 288, 2016]);
            yield return Of("10 minutes", new(2026, 1, 1), i => TimeSpan.FromMinutes(10 * i), Minutes, [6, 144, 1008]);
            yield return Of("15 minutes", new(2026, 1, 1), i => TimeSpan.FromMinutes(15 * i), Minutes, [4, 96, 672]);
            yield return Of("30 minutes", new(2026, 1, 1), i => TimeSpan.FromMinutes(30 * i), Hours, [2, 48, 336]);
            yield return Of("hour", new(2026, 1, 31, 23, 0, 0), i => TimeSpan.FromHours(i), Hours, [24, 168]);
            yield return Of("6 hours", new(2026, 1, 31), i => TimeSpan.FromHours(6 * i), Hours, [4, 28]);
            yield return Of("day", new(2026, 1, 31), i => TimeSpan.FromDays(i), Days, [7, 28, 364]);
            yield return Of("week", new(2026, 1, 28), i => TimeSpan.FromDays(7 * i), CalendarFeatures.DayOfYear, [4, 52]);
            yield return Of("2 weeks", new(2026, 1, 28), i => TimeSpan.FromDays(14 * i), CalendarFeatures.DayOfYear, [2, 26]);
            yield return new object[] { "business day", (Func<int, DateTime>)(i => new DateTime(2026, 1, 1).AddDays(i + (i + 3) / 5 * 2)), Days,
                new[] { 5, 20, 260 } };
            yield return ByCalendar("month", i => new DateTime(2026, 1, 1).AddMonths(i), CalendarFeatures.MonthOfYear, [12]);
            yield return ByCalendar("month", i => new DateTime(2026, 1, 30, 12, 0, 0).AddMonths(i), CalendarFeatures.MonthOfYear, [12]);
            yield return ByCalendar("month, at month ends", i => new DateTime(2025, 2, 1).AddMonths(i).AddDays(-1), CalendarFeatures.MonthOfYear, [12]);
            yield return ByCalendar("month", i => LastBusinessDay(new DateTime(2025, 2, 1).AddMonths(i)), CalendarFeatures.MonthOfYear, [12]);
            yield return ByCalendar("3 months", i => new DateTime(2026, 1, 1).AddMonths(3 * i), CalendarFeatures.MonthOfYear, [4]);
            yield return ByCalendar("3 months, at month ends", i => new DateTime(2026, 4, 1).AddMonths(3 * i).AddDays(-1), CalendarFeatures.MonthOfYear, [4]);
            yield return ByCalendar("year", i => new DateTime(1900 + i, 1, 1), CalendarFeatures.None, []);
            yield return ByCalendar("year, at month ends", i => new DateTime(1900 + i, 3, 1).AddDays(-1), CalendarFeatures.None, []);

            static object[] Of(string name, DateTime start, Func<int, TimeSpan> step, CalendarFeatures calendar, int[] lags) =>
                [name, (Func<int, DateTime>)(i => start + step(i)), calendar, lags];

            static object[] ByCalendar(string name, Func<int, DateTime> time, CalendarFeatures calendar, int[] lags) => [name, time, calendar, lags];
        }
    }

    private static DateTime LastBusinessDay(DateTime month)
    {
        var day = month.AddDays(-1);
        while (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday) day = day.AddDays(-1);
        return day;
    }

    [TestMethod]
    [DynamicData(nameof(Frequencies))]
    public void A_frequency_is_found_with_what_goes_with_it(string name, Func<int, DateTime> time, CalendarFeatures calendar, int[] lags)
    {
        DateTime[] times = [.. Enumerable.Range(0, 60).Select(time)];
        var frequency = TimeFrequency.Detect(times)!;
        Assert.AreEqual(name, frequency.ToString());
        // Holes and repeated times do no harm.
        Assert.AreEqual(frequency, TimeFrequency.Detect([.. times.Where((_, i) => i % 11 != 3), .. times[^1..]]));
        Assert.AreEqual(calendar, Calendar.Choose(frequency, TimeSpan.FromDays(3000)));
        CollectionAssert.AreEqual(lags, Calendar.Lags(frequency, 2100));
        if (name == "month" && times[0].Day is not 1) return;
        for (var i = 1; i < times.Length; i++)
        {
            Assert.AreEqual(times[i], frequency.Add(times[i - 1], 1));
            Assert.AreEqual(times[i - 1], frequency.Add(times[i], -1));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Frequencies))]
    public void Forecasters_fill_gaps_and_know_the_calendar_of_any_frequency(string name, Func<int, DateTime> time, CalendarFeatures calendar, int[] lags)
    {
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = "Value", TimeColumnName = "Time", SeriesColumnNames = ["Name"], WindowSize = Window, CalendarFeatures = CalendarFeatures.Auto,
                Features = { Lags = null },
            },
            Horizon = Horizon,
            Network = { HiddenSize = 6 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            Seed = 1,
            MissingValues = { FillTimeGaps = true, Handling = MissingValueHandling.Mask },
        };
        Row[] rows = [.. from i in Enumerable.Range(0, 70) from series in new[] { "a", "b" }
            select new Row { Time = time(i), Name = series, Value = i % 10 == 4 ? float.NaN : MathF.Sin(i) }];
        var whole = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Load(rows));
        Assert.AreEqual(name, whole.Model.Manifest.Forecast!.Frequency!.ToString());
        CollectionAssert.AreEqual(lags.Where(lag => lag < Window).ToArray(), whole.Model.Description.Lags.ToArray());
        // A row that is not there is one without a value.
        Row[] gapped = [.. rows.Where(row => !float.IsNaN(row.Value))];
        var other = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Load(gapped));
        if (name == "month" && time(0).Day > 28) Assert.AreEqual(whole.Model.History.Epochs[^1].Loss, other.Model.History.Epochs[^1].Loss, 1e-2);
        else Assert.AreEqual(whole.Model.History.Epochs[^1].Loss, other.Model.History.Epochs[^1].Loss, 0);
        var answers = Context.Data.CreateEnumerable<Answer>(whole.Transform(Load(gapped)), false).ToArray();
        Assert.IsTrue(answers[^1].Forecast.All(float.IsFinite));
        using var engine = whole.CreateForecastEngine(Context);
        foreach (var row in gapped) engine.Observe(row);
        for (var h = 0; h < Horizon; h++) Assert.AreEqual(answers[^1].Forecast[h], engine.Predict("b").Values[h], 1e-3f);
        Assert.AreEqual(Calendar.Size(calendar & Calendar.Choose(whole.Model.Manifest.Forecast!.Frequency!, time(69) - time(0))),
            whole.Model.Description.FutureFeatures);
    }

    [TestMethod]
    public void Other_times_order_rows_and_time_spans_have_lags()
    {
        var rows = Enumerable.Range(0, 200).Select(i => new Row
        {
            Span = TimeSpan.FromMinutes(30 * i) - TimeSpan.FromHours(5), Number = i / 3f,
            Moment = new DateTimeOffset(2026, 3, 28, 0, 0, 0, TimeSpan.FromHours(1)).AddHours(i), Value = MathF.Sin(i)
        }).ToArray();
        Assert.AreEqual("2, 48", Lags("Span", null));
        Assert.AreEqual("", Lags("Number", null));
        Assert.AreEqual("24", Lags("Number", new(TimeUnit.Hour)));
        Assert.AreEqual("24", Lags(null, new(TimeUnit.Hour)));
        Assert.AreEqual("24", Lags("Moment", null));

        string Lags(string? column, TimeFrequency? frequency)
        {
            var model = Context.Forecasting.ForecastByRecurrentNetwork(new()
            {
                Input = new SeriesInputOptions
                {
                    InputColumnName = "Value", TimeColumnName = column, WindowSize = 60, Features = { Lags = null }, Frequency = frequency,
                },
                Horizon = 2,
                Network = { HiddenSize = 4 },
                Stopping = { MaximumNumberOfEpochs = 1 },
            }).Fit(Load(rows));
            using var engine = model.CreateForecastEngine(Context);
            engine.Observe(Load(rows));
            Assert.IsTrue(engine.Predict().Values.All(float.IsFinite));
            return string.Join(", ", model.Model.Description.Lags);
        }
    }

    [TestMethod]
    public void Windows_in_rows_have_the_lags_of_the_frequency_that_is_named()
    {
        var rows = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 100).Select(i => new Row { Value = MathF.Sin(i) }));
        var windows = Context.Data.CreateWindows(rows, "Window", ["Value"], 30, 2, labelColumnName: "Value");
        var model = Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new WindowInputOptions
            {
                InputColumnName = "Window", LabelColumnName = "Value", WindowSize = 30, Features = { Lags = null }, Frequency = new(TimeUnit.Hour),
            },
            Horizon = 2,
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 1 },
        }).Fit(windows);
        CollectionAssert.AreEqual(new[] { 24 }, model.Model.Description.Lags.ToArray());
    }

    [TestMethod]
    public void Clocks_that_are_set_forward_and_back_do_no_harm()
    {
        // Berlin's clock: no 2 o'clock on 29 March, two of them on 25 October.
        foreach (var change in new[] { new DateTime(2026, 3, 29), new DateTime(2026, 10, 25) })
        {
            var forward = change.Month == 3;
            DateTime[] clock = [.. Enumerable.Range(0, 100).Select(i => change.AddHours(i - 40))
                .SelectMany(time => time == change.AddHours(2) ? forward ? [] : new[] { time, time } : [time])];
            Assert.AreEqual(new(TimeUnit.Hour), TimeFrequency.Detect(clock));
            Row[] rows = [.. clock.Select((time, i) => new Row { Time = time, Value = i })];
            var options = new RecurrentForecastingEstimator.Options
            {
                Input = new SeriesInputOptions
                {
                    InputColumnName = "Value", TimeColumnName = "Time", WindowSize = Window, CalendarFeatures = CalendarFeatures.Auto,
                },
                Horizon = Horizon,
                Network = { HiddenSize = 4 },
                Stopping = { MaximumNumberOfEpochs = 1 },
                MissingValues = { FillTimeGaps = true, Handling = MissingValueHandling.Mask },
            };
            var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Load(rows));
            Assert.IsTrue(Context.Data.CreateEnumerable<Answer>(model.Transform(Load(rows)), false).Skip(Window)
                .All(answer => answer.Forecast.All(float.IsFinite)));
            // Of the hour that the clock leaves out there is a row without a value; what comes twice stays.
            using var engine = model.CreateForecastEngine(Context);
            foreach (var row in rows) engine.Observe(row);
            Assert.IsTrue(engine.Predict().Values.All(float.IsFinite));
        }
        // Days that begin at a local midnight, in UTC.
        var zone = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(1), "test", "test", "test",
            [TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1),
                TimeZoneInfo.TransitionTime.CreateFixedDateRule(new(1, 1, 1, 2, 0, 0), 3, 29),
                TimeZoneInfo.TransitionTime.CreateFixedDateRule(new(1, 1, 1, 3, 0, 0), 10, 25))]);
        DateTime[] midnights = [.. Enumerable.Range(0, 300).Select(day => TimeZoneInfo.ConvertTimeToUtc(new DateTime(2026, 1, 1).AddDays(day), zone))];
        Assert.AreEqual(2, midnights.Select(time => time.Hour).Distinct().Count());
        Assert.AreEqual(new(TimeUnit.Day), TimeFrequency.Detect(midnights));
        Assert.AreEqual(0, Enumerable.Range(1, 299).Sum(day => new TimeSteps(new(TimeUnit.Day)).Count(midnights[day - 1], midnights[day])));
    }

    [TestMethod]
    public void A_text_of_a_day_becomes_a_time_as_the_message_says()
    {
        var rows = Load(Enumerable.Range(0, 60).Select(i => new Row { Text = new DateOnly(2026, 1, 1).AddDays(i).ToString("yyyy-MM-dd"), Value = i })
            .ToArray());
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions { InputColumnName = "Value", TimeColumnName = "Text", WindowSize = Window, Features = { Lags = null } },
            Horizon = Horizon,
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 1 },
        };
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(rows)).Message, "ConvertType(\"Text\", outputKind: DataKind.DateTime)");
        var pipeline = Context.Transforms.Conversion.ConvertType("Text", outputKind: DataKind.DateTime)
            .Append(Context.Forecasting.ForecastByRecurrentNetwork(options));
        CollectionAssert.AreEqual(new[] { 7 }, pipeline.Fit(rows).LastTransformer.Model.Description.Lags.ToArray());
    }

    [TestMethod]
    public void A_gap_of_centuries_costs_no_more_than_a_window()
    {
        var frequency = new TimeFrequency(TimeUnit.Second);
        Assert.AreEqual(86_399, new TimeSteps(frequency).Count(new(2026, 1, 1), new(2026, 1, 2)));
        Assert.AreEqual(0, new TimeSteps(frequency).Count(DateTime.MinValue, DateTime.MinValue));
        NumberAssert.IsGreaterThan(60_000_000_000, new TimeSteps(frequency).Count(DateTime.MinValue, new(2026, 1, 1)));
        CollectionAssert.AreEqual(new[] { new DateTime(2025, 12, 31, 23, 59, 58), new DateTime(2025, 12, 31, 23, 59, 59) },
            new TimeSteps(frequency).Between(DateTime.MinValue, new(2026, 1, 1), 2).ToArray());
        var rows = Enumerable.Range(0, 60).Select(i => new Row { Time = new DateTime(2026, 1, 1).AddSeconds(i), Value = MathF.Sin(i) }).ToArray();
        var model = Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions { InputColumnName = "Value", TimeColumnName = "Time", WindowSize = Window },
            Horizon = Horizon,
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            MissingValues = { FillTimeGaps = true, Handling = MissingValueHandling.Mask },
        }).Fit(Load(rows));
        using var engine = model.CreateForecastEngine(Context, maximumStepsAhead: int.MaxValue);
        engine.Observe(rows[0]);
        engine.Observe(new Row { Time = new DateTime(2500, 1, 1), Value = 1 });
        Assert.IsTrue(engine.Predict().Values.All(float.IsFinite));
        // All rows at once would be filled: that is refused.
        var error = Assert.ThrowsExactly<ArgumentException>(() => Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions { InputColumnName = "Value", TimeColumnName = "Time", WindowSize = Window },
            MissingValues = { FillTimeGaps = true },
        })
            .Fit(Load([.. rows, new Row { Time = new DateTime(2500, 1, 1) }])));
        StringAssert.Contains(error.Message, "With a row every second, filling gaps would make more than ten times as many rows");
    }

    private static IDataView Load(Row[] rows) => Context.Data.LoadFromEnumerable(rows);
}
