using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Time;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Local times and clocks that go back: rows are ordered by instant, calendars are local, in every way to fit and to forecast.</summary>
[TestClass]
public sealed class TimeZoneTests
{
    private const int Window = 60, Horizon = 6;
    private const string Berlin = "Europe/Berlin", Melbourne = "Australia/Melbourne";
    private static readonly MLContext Context = new(1);

    private sealed class Local
    {
        public DateTime Time { get; set; }
        public float Y { get; set; }
        public float Known { get; set; }
    }

    private sealed class Moment
    {
        public DateTimeOffset Time { get; set; }
        public float Y { get; set; }
        public float Known { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    private sealed class Steps
    {
        [VectorType(Horizon)]
        public float[] Forecast { get; set; } = [];
    }

    /// <summary>Twenty days that hold the night in which the clock goes back.</summary>
    private static DateTimeOffset[] Times(string zone, int minutes)
    {
        var info = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var start = zone == Berlin ? new DateTime(2024, 10, 15) : new DateTime(2024, 3, 25);
        var first = new DateTimeOffset(start, info.GetUtcOffset(start));
        return [.. Enumerable.Range(0, 20 * 24 * 60 / minutes).Select(i => TimeZoneInfo.ConvertTime(first.AddMinutes(i * minutes), info))];
    }

    private static float Value(DateTimeOffset time, int i) => MathF.Sin((float)time.TimeOfDay.TotalDays * MathF.Tau) * 10 + i * 0.01f;

    private static Local[] Locals(string zone, int minutes) =>
        [.. Times(zone, minutes).Select((time, i) => new Local { Time = time.DateTime, Y = Value(time, i), Known = i % 5 })];

    private static Moment[] Moments(string zone, int minutes) =>
        [.. Times(zone, minutes).Select((time, i) => new Moment { Time = time, Y = Value(time, i), Known = i % 5 })];

    private static IDataView View<T>(IEnumerable<T> rows, MLContext? context = null) where T : class => (context ?? Context).Data.LoadFromEnumerable(rows);

    private static RecurrentForecastingEstimator.Options Options(string? zone, bool fills = false, params string[] ahead) => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = "Y", TimeColumnName = "Time", WindowSize = Window, FutureCovariateColumnNames = ahead, CalendarFeatures = CalendarFeatures.Auto,
            Features = { TimeZone = zone },
        },
        Horizon = Horizon,
        Network = { HiddenSize = 4 },
        Stopping = { MaximumNumberOfEpochs = 1 },
        MissingValues = { FillTimeGaps = fills },
        Seed = 1,
    };

    private static RecurrentForecastingTransformer Fit<T>(IEnumerable<T> rows, RecurrentForecastingEstimator.Options options, MLContext? context = null)
        where T : class => (context ?? Context).Forecasting.ForecastByRecurrentNetwork(options).Fit(View(rows, context));

    private static float[] Last<T>(ITransformer model, IEnumerable<T> rows) where T : class =>
        Context.Data.CreateEnumerable<Answer>(model.Transform(View(rows)), false).Last().Forecast;

    private static string Refusal(Action call) => Assert.ThrowsExactly<ArgumentException>(call).Message;

    private static List<string> Messages(Action<MLContext> call, string part, ChannelMessageKind kind = ChannelMessageKind.Info)
    {
        var (context, messages) = (new MLContext(1), new List<string>());
        context.Log += (_, message) =>
        {
            if (message.Kind == kind && message.Message.Contains(part, StringComparison.Ordinal)) messages.Add(message.Message);
        };
        call(context);
        return messages;
    }

    // The row at which local times go back.
    private static int Back(Local[] rows) => Enumerable.Range(1, rows.Length - 1).Single(i => rows[i].Time <= rows[i - 1].Time);

    [TestMethod]
    [DataRow(Berlin, 30)]
    [DataRow(Berlin, 15)]
    [DataRow(Berlin, 60)]
    [DataRow(Melbourne, 30)]
    [DataRow(Melbourne, 15)]
    public void Local_times_and_offsets_are_one_series_everywhere(string zone, int minutes)
    {
        var (locals, moments) = (Locals(zone, minutes), Moments(zone, minutes));
        RecurrentForecastingTransformer model = null!, other;
        var said = Messages(context => model = Fit(locals, Options(zone), context), "come twice");
        other = Fit(moments, Options(zone));
        Assert.HasCount(1, said);
        StringAssert.Contains(said[0], $"{2 * 60 / minutes} rows of the column 'Time'");
        StringAssert.Contains(said[0], zone);
        Assert.HasCount(0, Messages(context => Fit(locals, Options(zone), context), "", ChannelMessageKind.Warning));
        Assert.AreEqual(minutes == 60 ? new(TimeUnit.Hour) : new(TimeUnit.Minute, minutes), model.Model.Manifest.Forecast!.Frequency);
        Assert.AreEqual(model.Model.History.Epochs[^1].Loss, other.Model.History.Epochs[^1].Loss, 0);
        // The newest first.
        Assert.AreEqual(model.Model.History.Epochs[^1].Loss, Fit(locals.Reverse(), Options(zone)).Model.History.Epochs[^1].Loss, 0);
        // The forecasts of each row of the night.
        var back = Back(locals);
        for (var end = back - 3; end < back + 5; end++)
        {
            var expected = Last(other, moments[..end]);
            CollectionAssert.AreEqual(expected, Last(model, locals[..end]));
            using var single = model.CreateForecastEngine(Context);
            foreach (var row in locals[(end - Window - 3)..end]) single.Observe(row);
            // Two bulks that meet in the night.
            using var bulk = model.CreateForecastEngine(Context);
            bulk.Observe(View(locals[(end - Window - 3)..(end - 2)]));
            bulk.Observe(View(locals[(end - 2)..end]));
            for (var step = 0; step < Horizon; step++)
            {
                Assert.AreEqual(expected[step], single.Predict().Values[step], 1e-3f);
                Assert.AreEqual(expected[step], bulk.Predict().Values[step], 1e-3f);
            }
        }
    }

    [TestMethod]
    [DataRow(Berlin, 30)]
    [DataRow(Melbourne, 15)]
    public void Back_tests_run_across_the_night(string zone, int minutes)
    {
        var (locals, back) = (Locals(zone, minutes), Back(Locals(zone, minutes)));
        BackTestOptions Options(string? name) => new()
        {
            TargetColumnName = "Y", TimeColumnName = "Time", Horizon = Horizon, TimeZone = name, Stride = 1, NumberOfOrigins = 8, FillTimeGaps = true,
        };
        var rows = locals[..(back + Horizon + 3)];
        BackTestResult local = null!;
        var said = Messages(context => local = context.Forecasting.BackTest(View(rows, context), context.Transforms.CustomMapping<Local, Steps>(
            (row, answer) => answer.Forecast = [.. Enumerable.Repeat(row.Y, Horizon)], contractName: null), Options(zone)), "come twice");
        Assert.HasCount(1, said);
        var moment = Context.Forecasting.BackTest(View(Moments(zone, minutes)[..rows.Length]), Context.Transforms.CustomMapping<Moment, Steps>(
            (row, answer) => answer.Forecast = [.. Enumerable.Repeat(row.Y, Horizon)], contractName: null), Options(zone));
        Assert.AreEqual(24 * 60 / minutes, local.Season);
        foreach (var forecaster in local.Forecasters)
            Assert.AreEqual(moment[forecaster.Name].Metrics.MeanAbsoluteError, forecaster.Metrics.MeanAbsoluteError, 0, forecaster.Name);
        // Origins are local times.
        Assert.AreEqual(rows[^(Horizon + 1)].Time, local.Origins[^1].Time);
        StringAssert.Contains(Refusal(() => Context.Forecasting.BackTest(View(rows), Context.Transforms.CustomMapping<Local, Steps>(
            (row, answer) => answer.Forecast = [.. Enumerable.Repeat(row.Y, Horizon)], contractName: null), Options(null))), "the option TimeZone");
    }

    [TestMethod]
    [DataRow(DuplicateTimes.Replace)]
    [DataRow(DuplicateTimes.Step)]
    public void Without_a_zone_Fit_names_the_option(DuplicateTimes duplicates)
    {
        var options = Options(null);
        options.MissingValues.DuplicateTimes = duplicates;
        var warnings = Messages(context => Fit(Locals(Berlin, 30), options, context), "Input.Features.TimeZone", ChannelMessageKind.Warning);
        Assert.HasCount(1, warnings);
        StringAssert.Contains(warnings[0], "2024-10-27 02:00:00");
        StringAssert.Contains(warnings[0], "the clock goes back");
        // In scoring and in an engine the second hour takes the place of the first, which is said once.
        foreach (var zone in (string?[])[null, Berlin])
        {
            var words = zone is null ? "the first 2024-10-27 02:00:00. If these are local times" : "come twice, for the clock of Europe/Berlin goes back";
            Assert.HasCount(1, Messages(context =>
            {
                var scored = Fit(Locals(Berlin, 30)[..400], Options(zone), context);
                for (var pass = 0; pass < 2; pass++) Last(scored, Locals(Berlin, 30));
            }, words));
            Assert.HasCount(1, Messages(context =>
            {
                using var observing = Fit(Locals(Berlin, 30)[..400], Options(zone), context).CreateForecastEngine(context);
                observing.Observe(View(Locals(Berlin, 30)[..590], context));
                foreach (var row in Locals(Berlin, 30)[590..]) observing.Observe(row);
            }, words));
        }
        // Where a row is refused because it goes back, too.
        using var engine = Fit(Locals(Berlin, 30), Options(null)).CreateForecastEngine(Context, DuplicateTimes.Refuse);
        StringAssert.Contains(Refusal(() => engine.Observe(View(Locals(Berlin, 30)))), "Input.Features.TimeZone");
    }

    [TestMethod]
    public void The_calendar_is_local()
    {
        var (locals, moments) = (Locals(Berlin, 30), Moments(Berlin, 30));
        float[] Hours<T>(T[] rows, string? zone) where T : class
        {
            var layout = SeriesLayout.Resolve(View(rows).Schema, "Y", [], [], [], [], "Time", CalendarFeatures.HourOfDay,
                LocalTime.Find(zone, "TimeZone"));
            var table = SeriesTable.Read(View(rows), layout.Inputs, [], "Time", zone: LocalTime.Find(zone, "TimeZone"));
            return [.. Enumerable.Range(0, table.Rows).Select(row => table.Values(row, 1)[2])];
        }

        var expected = locals.Select(row => MathF.Cos((float)row.Time.TimeOfDay.TotalDays * MathF.Tau)).ToArray();
        foreach (var hours in (float[][])[Hours(locals, Berlin), Hours(moments, Berlin), Hours(moments, "W. Europe Standard Time")])
        {
            for (var row = 0; row < expected.Length; row++) Assert.AreEqual(expected[row], hours[row], 1e-5f);
        }
        // Without a zone a DateTimeOffset's calendar is that of UTC, as is said.
        Assert.AreEqual(MathF.Cos(22 / 24f * MathF.Tau), Hours(moments, null)[0], 1e-5f);
        Assert.HasCount(1, Messages(context => Fit(moments, Options(null), context), "is that of UTC: name the time zone in Input.Features.TimeZone"));
        Assert.HasCount(0, Messages(context => Fit(moments, Options(Berlin), context), "is that of UTC"));
        // Times of kind Utc are instants.
        var utc = moments.Select(row => new Local { Time = row.Time.UtcDateTime, Y = row.Y, Known = row.Known });
        Assert.AreEqual(Fit(moments, Options(Berlin)).Model.History.Epochs[^1].Loss, Fit(utc, Options(Berlin)).Model.History.Epochs[^1].Loss, 0);
    }

    [TestMethod]
    public void Rows_ahead_and_gaps_go_across_the_night()
    {
        var locals = Locals(Berlin, 30);
        var back = Back(locals);
        var model = Fit(locals, Options(Berlin, false, "Known"));
        for (var last = back - 4; last < back + 3; last++)
        {
            var (seen, ahead) = (locals[..last], locals[last..(last + Horizon)]);
            using var engine = model.CreateForecastEngine(Context);
            engine.Observe(View(seen));
            var values = engine.Predict(View(ahead)).Values;
            var expected = Context.Data.CreateEnumerable<Answer>(model.Transform(View([.. seen, .. ahead.Select(row =>
                new Local { Time = row.Time, Known = row.Known, Y = float.NaN })])), false).ToArray()[last - 1].Forecast;
            for (var step = 0; step < Horizon; step++) Assert.AreEqual(expected[step], values[step], 1e-3f);
            StringAssert.Contains(Refusal(() => engine.Predict(View([ahead[0], .. locals[(last + 2)..(last + Horizon + 1)]]))), "lack the step 2024-10-27 0");
        }
        // A gap in the night has as many steps as the night: without the second hour, and with rows without a value there.
        var filling = Fit(locals, Options(Berlin, true));
        var gap = locals[..(back - 1)].Concat(locals[(back + 4)..(back + 6)]);
        var masked = locals[..(back + 6)].Select((row, i) => i >= back - 1 && i < back + 4 ? new Local { Time = row.Time, Y = float.NaN } : row);
        CollectionAssert.AreEqual(Last(filling, masked), Last(filling, gap));
    }

    [TestMethod]
    public void A_time_that_the_clock_leaves_out_is_refused()
    {
        var spring = Enumerable.Range(0, 400).Select(i => new Local { Time = new DateTime(2024, 3, 25).AddMinutes(30 * i), Y = i }).ToArray();
        const string words = "2024-03-31 02:00:00, a local time that the clock of Europe/Berlin leaves out";
        StringAssert.Contains(Refusal(() => Fit(spring, Options(Berlin))), words);
        // As clocks show it, it is one series.
        var right = spring.Where(row => row.Time.Date != new DateTime(2024, 3, 31) || row.Time.Hour != 2).ToArray();
        var model = Fit(right, Options(Berlin));
        Assert.AreEqual(0, model.Model.Manifest.Forecast!.UsualGap);
        using var engine = model.CreateForecastEngine(Context);
        StringAssert.Contains(Refusal(() => engine.Observe(View(spring))), words);
        StringAssert.Contains(Refusal(() => Last(model, spring)), words);
        // Where the clock is not changed, nothing is left out.
        Assert.AreEqual(Fit(spring, Options(null)).Model.History.Epochs[^1].Loss, Fit(spring, Options("Etc/GMT-1")).Model.History.Epochs[^1].Loss, 0);
    }

    [TestMethod]
    public void Saved_models_and_checkpoints_go_on_in_the_zone()
    {
        var locals = Locals(Berlin, 30);
        var back = Back(locals);
        var model = Fit(locals, Options("W. Europe Standard Time"));
        using var whole = model.CreateForecastEngine(Context);
        whole.Observe(View(locals[..(back + 1)]));
        using var early = model.CreateForecastEngine(Context);
        early.Observe(View(locals[..back]));
        var file = Path.Combine(Path.GetTempPath(), Guid.NewGuid() + ".zip");
        try
        {
            early.CheckPoint(Context, file);
            using var later = Context.Model.Load(file, out _).CreateForecastEngine(Context);
            later.Observe(locals[back]);
            CollectionAssert.AreEqual(whole.Predict().Values.ToArray(), later.Predict().Values.ToArray());
            // Rows of the past are refused with their offset.
            StringAssert.Contains(Refusal(() => later.Observe(new Local { Time = new DateTime(2024, 10, 27, 1, 17, 0) })), "2024-10-27 01:17:00 +02:00");
        }
        finally
        {
            File.Delete(file);
        }
        // Fine-tuning keeps the zone.
        var options = Options(null);
        options.Network.Initialization.Model = model.Model;
        Assert.AreEqual("W. Europe Standard Time", Fit(locals, options).Model.Manifest.Forecast!.TimeZone);
    }

    [TestMethod]
    public void Days_are_days_of_the_zone()
    {
        // Midnights of Berlin, as instants: 23 and 25 hours apart in March and October.
        var days = Enumerable.Range(0, 400).Select(day => new DateTime(2024, 1, 1).AddDays(day))
            .Select((day, i) => new Moment { Time = new(day, TimeZoneInfo.FindSystemTimeZoneById(Berlin).GetUtcOffset(day)), Y = i % 7, Known = i % 7 })
            .ToArray();
        var model = Fit(days, Options(Berlin, false, "Known"));
        Assert.AreEqual(new(TimeUnit.Day), model.Model.Manifest.Forecast!.Frequency);
        var steps = model.Model.Manifest.Forecast.Steps!;
        for (var day = 1; day < days.Length; day++)
        {
            Assert.AreEqual(days[day].Time.UtcDateTime, steps.Add(days[day - 1].Time.UtcDateTime, 1));
            Assert.AreEqual(days[day].Time.UtcDateTime, steps.Add(days[0].Time.UtcDateTime, day));
            Assert.AreEqual(0, steps.Count(days[day - 1].Time.UtcDateTime, days[day].Time.UtcDateTime));
        }
        using var engine = model.CreateForecastEngine(Context);
        engine.Observe(View(days[..300]));
        var next = engine.Predict(View(days[300..(300 + Horizon)]));
        Assert.IsTrue(next.Values.All(double.IsFinite));
        // Midnights of the zone.
        CollectionAssert.AreEqual(days[300..(300 + Horizon)].Select(day => day.Time.DateTime).ToArray(), next.Times.ToArray());
        // The same six hours of each day are 5 or 7 hours apart in these nights.
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Berlin);
        long[] quarters = [.. Enumerable.Range(0, 80).Select(i => LocalTime.ToInstant(new DateTime(2024, 10, 20).AddHours(6 * i), zone).Ticks)];
        var found = FrequencyDetection.Find(quarters, zone)!;
        Assert.AreEqual(4, found.Season);
        for (var i = 1; i < quarters.Length; i++) Assert.AreEqual(quarters[i], new TimeSteps(found, zone).Add(new(quarters[i - 1]), 1).Ticks);
    }

    [TestMethod]
    public void Steps_of_a_zone_are_added_and_counted_alike() =>
        Prop.ForAll(Gen.Choose(0, 500_000).ToArbitrary(), Gen.Choose(1, 2000).ToArbitrary(), Gen.Choose(0, 41).ToArbitrary(), (minutes, count, kind) =>
        {
            string[] zones = [Berlin, Melbourne, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"];
            TimeFrequency[] frequencies =
            [
                new(TimeUnit.Minute, 15), new(TimeUnit.Hour), new(TimeUnit.Day), new(TimeUnit.BusinessDay), new(TimeUnit.Week), new(TimeUnit.Month),
                new(TimeUnit.Hour) { Weekdays = Weekdays.MondayToFriday, TimesOfDay = [.. Enumerable.Range(9, 8).Select(hour => new TimeOnly(hour, 0))] },
            ];
            var (zone, frequency) = (TimeZoneInfo.FindSystemTimeZoneById(zones[kind % 6]), frequencies[kind / 6]);
            var steps = new TimeSteps(frequency, zone);
            // From the first step after a time on.
            var from = steps.Add(LocalTime.ToInstant(new DateTime(2024, 1, 1, 12, 0, 0).AddMinutes(minutes / 15 * 15), zone), 1);
            if (frequency.Unit is TimeUnit.Month) from = LocalTime.ToInstant(new DateTime(2024, 1 + minutes % 12, 15, 12, 0, 0), zone);
            var to = steps.Add(from, count);
            return steps.Count(from, to) == count - 1 && steps.Count(from, steps.Add(from, count + 1)) == count && !steps.IsLeftOut(to);
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void Times_that_come_twice_are_decided_by_the_order_of_the_rows()
    {
        var zone = LocalTime.Find(Berlin, "TimeZone")!;
        var expected = Moments(Berlin, 30).Select(row => row.Time.UtcTicks).ToArray();
        var locals = Locals(Berlin, 30);
        long[] Read(IEnumerable<Local> rows) => SeriesTable.Read(View(rows), ["Y"], null, "Time", zone).Times;
        CollectionAssert.AreEqual(expected, Read(locals));
        CollectionAssert.AreEqual(expected, Read(locals.Reverse()));
        // In no order but within the night.
        var random = new Random(1);
        var night = Back(locals);
        CollectionAssert.AreEqual(expected, Read(locals[(night - 4)..(night + 4)].Concat(
            locals.Where((_, i) => i < night - 4 || i >= night + 4).OrderBy(_ => random.Next()))));
        // One row of the second hour is later than the first hour's last.
        CollectionAssert.AreEqual(expected.Where((_, i) => i != night).ToArray(), Read(locals.Where((_, i) => i != night)));
    }

    [TestMethod]
    public void Windows_and_sequences_are_in_the_order_of_instants()
    {
        var locals = Locals(Berlin, 30);
        for (var i = 0; i < locals.Length; i++) locals[i].Y = i;
        var windows = Context.Data.CreateWindows(View(locals), "Window", ["Y"], 8, 2, labelColumnName: "Y", timeColumnName: "Time", timeZone: Berlin);
        foreach (var window in windows.GetColumn<float[]>("Window"))
        {
            for (var i = 1; i < 8; i++) Assert.AreEqual(window[i - 1] + 1, window[i]);
        }
        var parts = locals.Select((row, i) => new Named { Name = i < 480 ? "a" : "b", Time = row.Time, Y = row.Y });
        var sequences = Context.Data.GroupIntoSequences(View(parts), "Sequence", ["Y"], "Name", "Time", Berlin).GetColumn<float[]>("Sequence").ToArray();
        CollectionAssert.AreEqual(locals.Select(row => row.Y).ToArray(), sequences.SelectMany(values => values).ToArray());
        Assert.AreEqual("timeZone", Assert.ThrowsExactly<ArgumentException>(
            () => Context.Data.CreateWindows(View(locals), "Window", ["Y"], 8, timeZone: Berlin)).ParamName);
    }

    [TestMethod]
    public void Streamed_series_are_in_the_order_of_instants()
    {
        var rows = Locals(Berlin, 30).SelectMany(row => new[] { "a", "b", "c" }.Select(name => new Named { Name = name, Time = row.Time, Y = row.Y }))
            .OrderBy(row => row.Name).ToArray();
        double Loss(int? inMemory)
        {
            var options = Options(Berlin);
            var input = (SeriesInputOptions)options.Input;
            (input.SeriesColumnNames, input.MaximumRowsInMemory) = (["Name"], inMemory);
            var model = Fit(rows, options).Model;
            Assert.AreEqual(new(TimeUnit.Minute, 30), model.Manifest.Forecast!.Frequency);
            return model.History.Epochs[^1].Loss;
        }

        Assert.AreEqual(Loss(null), Loss(1_000_000), 1e-3);
        Assert.AreEqual(Loss(null), Loss(1000), 0.1);
    }

    private sealed class Named
    {
        public string Name { get; set; } = "";
        public DateTime Time { get; set; }
        public float Y { get; set; }
    }

    [TestMethod]
    public void A_zone_that_is_not_known_or_of_no_use_is_refused()
    {
        StringAssert.Contains(Refusal(() => Fit(Locals(Berlin, 30), Options("Europe/Atlantis"))), "'Europe/Atlantis', which is not known");
        Assert.AreEqual("TimeZone", Assert.ThrowsExactly<ArgumentException>(() => Context.Forecasting.BackTest(View(Locals(Berlin, 30)),
            Context.Transforms.CustomMapping<Local, Steps>((row, answer) => answer.Forecast = [], contractName: null),
            new BackTestOptions { TargetColumnName = "Y", Horizon = Horizon, TimeZone = Berlin })).ParamName);
        var options = Options(Berlin);
        ((SeriesInputOptions)options.Input).TimeColumnName = null;
        ((SeriesInputOptions)options.Input).CalendarFeatures = CalendarFeatures.None;
        StringAssert.Contains(Refusal(() => Fit(Locals(Berlin, 30), options)), "needs a time column");
        ((SeriesInputOptions)options.Input).TimeColumnName = "Known";
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(Locals(Berlin, 30), options)).Message,
            "Input.Features.TimeZone needs");
    }
}
