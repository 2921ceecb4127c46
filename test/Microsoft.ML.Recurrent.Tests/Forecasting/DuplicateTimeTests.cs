using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>A row whose time its series has had: it takes the older one's place, is refused, or is a step, as chosen.</summary>
[TestClass]
public sealed class DuplicateTimeTests
{
    private const int Window = 14, Horizon = 3, Days = 100;
    private static readonly MLContext Context = new(1);
    private static readonly DateTime Start = new(2026, 1, 1);
    private static readonly float[] s_week = [10, 50, 20, 30, 45, 12, 33];
    private static RecurrentForecastingTransformer s_model = null!, s_filling = null!, s_ahead = null!;

    private sealed class Day
    {
        public DateTime Time { get; set; }
        public string Shop { get; set; } = "a";
        public float Y { get; set; }
        public float Temp { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    private static Day At(int day, float? value = null) => new() { Time = Start.AddDays(day), Y = value ?? s_week[day % 7] + day * 0.1f, Temp = day * 5 % 9 };

    private static Day[] Rows(int from, int to) => [.. Enumerable.Range(from, to - from).Select(day => At(day))];

    private static IDataView View(IEnumerable<Day> rows, MLContext? context = null) => (context ?? Context).Data.LoadFromEnumerable(rows);

    private static RecurrentForecastingEstimator.Options Options(bool fills = false, DuplicateTimes duplicates = DuplicateTimes.Replace,
        params string[] ahead) =>
        new()
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = "Y", TimeColumnName = "Time", SeriesColumnNames = ["Shop"], WindowSize = Window, FutureCovariateColumnNames = ahead,
            },
            Horizon = Horizon,
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 2 },
            MissingValues = { FillTimeGaps = fills, DuplicateTimes = duplicates },
        };

    private static RecurrentForecastingTransformer Fit(RecurrentForecastingEstimator.Options options, IEnumerable<Day>? rows = null,
        MLContext? context = null) =>
        (context ?? Context).Forecasting.ForecastByRecurrentNetwork(options).Fit(View(rows ?? Rows(0, Days), context));

    [ClassInitialize]
    public static void Train(TestContext _)
    {
        s_model = Fit(Options());
        s_filling = Fit(Options(fills: true), Rows(0, Days).Where(row => row.Time.Day != 9));
        s_ahead = Fit(Options(ahead: "Temp"));
    }

    private static float[] Forecast(RecurrentForecastEngine engine) => [.. engine.Predict("a").Values.Select(value => (float)value)];

    private static float[] Expected(RecurrentForecastingTransformer model, IEnumerable<Day> rows)
    {
        using var engine = model.CreateForecastEngine(Context);
        engine.Observe(View(rows));
        return Forecast(engine);
    }

    private static float[][] Transform(ITransformer model, IEnumerable<Day> rows) =>
        [.. Context.Data.CreateEnumerable<Answer>(model.Transform(View(rows)), false).Select(answer => answer.Forecast)];

    private static List<string> Warnings(Action<MLContext> call)
    {
        var context = new MLContext(1);
        var warnings = new List<string>();
        context.Log += (_, message) =>
        {
            if (message.Kind is ChannelMessageKind.Warning && message.Message.Contains("same time", StringComparison.Ordinal)) warnings.Add(message.Message);
        };
        call(context);
        return warnings;
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void The_newest_row_sent_again_changes_nothing(bool fills)
    {
        var (model, rows) = (fills ? s_filling : s_model, Rows(0, Days));
        var expected = Expected(model, rows);
        using var engine = model.CreateForecastEngine(Context);
        engine.Observe(View(rows));
        engine.Observe(rows[^1]);
        CollectionAssert.AreEqual(expected, Forecast(engine));
        engine.Observe(View([rows[^1]]));
        CollectionAssert.AreEqual(expected, Forecast(engine));
        engine.Observe(View(rows[^5..]));
        CollectionAssert.AreEqual(expected, Forecast(engine));
        engine.Observe(View(rows));
        CollectionAssert.AreEqual(expected, Forecast(engine));
        engine.Observe(View(rows[^5..].Append(At(Days))));
        CollectionAssert.AreEqual(Expected(model, Rows(0, Days + 1)), Forecast(engine));
        CollectionAssert.AreEqual(expected, Expected(model, rows.Append(rows[^1])));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    [DataRow(Window)]
    public void A_correction_takes_the_place_of_the_wrong_value(int back)
    {
        var rows = Rows(0, Days);
        var expected = Expected(s_model, rows);
        foreach (var wrong in (float[])[900, float.NaN])
        {
            foreach (var inBulk in (bool[])[false, true])
            {
                using var engine = s_model.CreateForecastEngine(Context);
                engine.Observe(View(rows.Select((row, day) => day == Days - back ? At(day, wrong) : row)));
                if (inBulk) engine.Observe(View([rows[Days - back]]));
                else engine.Observe(rows[Days - back]);
                CollectionAssert.AreEqual(expected, Forecast(engine), $"{wrong}, {inBulk}");
            }
        }
    }

    [TestMethod]
    public void What_is_sent_again_after_a_checkpoint_changes_nothing()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".zip");
        try
        {
            var rows = Rows(0, Days);
            using (var engine = s_model.CreateForecastEngine(Context))
            {
                engine.Observe(View(rows));
                engine.CheckPoint(Context, path);
            }
            using var resumed = Context.Model.Load(path, out _).CreateForecastEngine(Context);
            foreach (var row in rows[^4..]) resumed.Observe(row);
            CollectionAssert.AreEqual(Expected(s_model, rows), Forecast(resumed));
            resumed.Observe(View(rows.Append(At(Days))));
            CollectionAssert.AreEqual(Expected(s_model, Rows(0, Days + 1)), Forecast(resumed));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void A_checkpoint_of_earlier_builds_knows_the_newest_time_only()
    {
        var state = new SeriesState(s_model.Model.Manifest);
        for (var day = 0; day < Window; day++) state[state.Index.Add("a")].Add([day], Start.AddDays(day).Ticks);
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        state.Save(writer);
        writer.Flush();
        // They ended before the byte and the times.
        bytes.SetLength(bytes.Length - 1 - Window * sizeof(long));
        bytes.Position = 0;
        var old = SeriesState.Load(new BinaryReader(bytes), s_model.Model)[0];
        Assert.IsTrue(old.IsReady);
        Assert.AreEqual(Window - 1, old.Find(Start.AddDays(Window - 1).Ticks));
        Assert.IsNull(old.Find(Start.AddDays(Window - 2).Ticks));
    }

    [TestMethod]
    public void A_late_row_fills_its_gap_and_a_correction_wipes_nothing()
    {
        var rows = Rows(0, Days);
        var expected = Expected(s_filling, rows);
        using var engine = s_filling.CreateForecastEngine(Context);
        engine.Observe(View(rows.Where((_, day) => day != Days - 3)));
        CollectionAssert.AreNotEqual(expected, Forecast(engine));
        engine.Observe(rows[Days - 3]);
        CollectionAssert.AreEqual(expected, Forecast(engine));
        // The day between these two is filled in what is sent, but known here.
        engine.Observe(View([rows[Days - 4], rows[Days - 2]]));
        CollectionAssert.AreEqual(expected, Forecast(engine));
    }

    [TestMethod]
    public void Rows_that_the_window_does_not_hold_are_refused()
    {
        using var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(View(Rows(0, Days).Where((_, day) => day != Days - 3)));
        var before = Forecast(engine);
        foreach (var late in (Day[])[At(Days - 3), At(Days - Window - 5)])
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(late)).Message, "is earlier than a previous row");
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(View([At(Days - 2), At(Days), late]))).Message, "earlier");
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(View([late]))).Message, "no row was observed");
        }
        CollectionAssert.AreEqual(before, Forecast(engine));
    }

    [TestMethod]
    public void The_engine_refuses_or_takes_steps_as_it_is_told()
    {
        var rows = Rows(0, Days);
        using var strict = s_model.CreateForecastEngine(Context, DuplicateTimes.Refuse);
        strict.Observe(View(rows));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => strict.Observe(rows[^1])).Message, "is the time of a previous row");
        Assert.ThrowsExactly<ArgumentException>(() => strict.Observe(View([rows[^1]])));
        CollectionAssert.AreEqual(Expected(s_model, rows), Forecast(strict));

        // As if the day had come a day later.
        var later = At(Days, rows[^1].Y);
        using var steps = s_model.CreateForecastEngine(Context, DuplicateTimes.Step);
        steps.Observe(View(rows));
        steps.Observe(rows[^1]);
        CollectionAssert.AreEqual(Expected(s_model, rows.Append(later)), Forecast(steps));
        Assert.ThrowsExactly<ArgumentException>(() => steps.Observe(rows[^2]));
        using var bulk = s_model.CreateForecastEngine(Context, DuplicateTimes.Step);
        bulk.Observe(View(rows));
        bulk.Observe(View([rows[^1]]));
        CollectionAssert.AreEqual(Expected(s_model, rows.Append(later)), Forecast(bulk));
        Assert.AreEqual("duplicateTimes",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => s_model.CreateForecastEngine(Context, (DuplicateTimes)7)).ParamName);
    }

    [TestMethod]
    public void Scored_rows_that_come_twice_count_once()
    {
        var rows = Rows(0, Days);
        var expected = Transform(s_model, rows);
        var actual = Transform(s_model, [.. rows[..60], At(59, 900), .. rows[59..], rows[^1]]);
        // 900 counts until it is corrected.
        CollectionAssert.AreNotEqual(expected[59], actual[60]);
        CollectionAssert.AreEqual(expected[59], actual[61]);
        for (var day = 60; day < Days; day++) CollectionAssert.AreEqual(expected[day], actual[day + 2], $"day {day}");
        CollectionAssert.AreEqual(expected[^1], actual[^1]);
    }

    [TestMethod]
    public void What_is_known_ahead_stays_at_its_step_after_rows_that_come_twice()
    {
        var rows = Rows(0, Days);
        var expected = Transform(s_ahead, rows);
        var actual = Transform(s_ahead, [.. rows[..60], rows[59], .. rows[60..]]);
        for (var day = 0; day < Days - Horizon; day++)
        {
            var answer = actual[day < 60 ? day : day + 1];
            for (var step = 0; step < Horizon; step++) Assert.AreEqual(expected[day][step], answer[step], 1e-4f, $"day {day}");
        }
    }

    [TestMethod]
    public void Models_score_as_they_were_trained_to()
    {
        var rows = Rows(0, Days);
        var steps = Fit(Options(duplicates: DuplicateTimes.Step));
        using var engine = steps.CreateForecastEngine(Context);
        engine.Observe(View(rows));
        engine.Observe(rows[^1]);
        var expected = Transform(steps, rows.Append(rows[^1]))[^1];
        for (var step = 0; step < Horizon; step++) Assert.AreEqual(expected[step], Forecast(engine)[step], 1e-3f);
        CollectionAssert.AreNotEqual(Transform(steps, rows)[^1], expected);
        var strict = Fit(Options(duplicates: DuplicateTimes.Refuse));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Transform(strict, rows.Append(rows[^1]))).Message,
            "Row 100 of the time column 'Time' (2026-04-10 00:00:00) is the time of a previous row");
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(1000)]
    public void Training_warns_once_of_times_that_come_twice_and_keeps_the_newest(int? rowsInMemory)
    {
        var rows = Rows(0, Days);
        Day[] doubled = [.. rows[..40], At(39, 900), rows[39], .. rows[40..]];
        var options = Options();
        ((SeriesInputOptions)options.Input).MaximumRowsInMemory = rowsInMemory;
        float[] expected = [], actual = [];
        Assert.IsEmpty(Warnings(context => expected = Transform(Fit(options, rows, context), rows)[^1]));
        var warnings = Warnings(context => actual = Transform(Fit(options, doubled, context), rows)[^1]);
        Assert.HasCount(1, warnings);
        StringAssert.Contains(warnings[0], "2 of 102 rows have the same time as another row of their series, the first 2026-02-09 00:00:00 of the series 'a'");
        CollectionAssert.AreEqual(expected, actual);
        options.MissingValues.DuplicateTimes = DuplicateTimes.Step;
        Assert.IsEmpty(Warnings(context => Fit(options, doubled, context)));
        options.MissingValues.DuplicateTimes = DuplicateTimes.Refuse;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Fit(options, doubled)).Message, "Row 40 of the time column 'Time' is the time of");
    }

    [TestMethod]
    public void A_back_test_warns_of_times_that_come_twice()
    {
        var rows = Rows(0, Days);
        Assert.IsEmpty(Warnings(context => Run(context, rows)));
        var warnings = Warnings(context => Run(context, [.. rows, rows[^1]]));
        Assert.HasCount(1, warnings);
        StringAssert.Contains(warnings[0], "1 of 101 rows have the same time as another row of their series, the first 2026-04-10 00:00:00");
        Assert.DoesNotContain("SeriesColumnName", warnings[0]);
        // Without a column that tells the series they may be several series.
        warnings = Warnings(context => Run(context, [.. rows, rows[^1]], []));
        StringAssert.Contains(warnings[0], "If they are several series, name the column that tells them apart in the option SeriesColumnName");

        static void Run(MLContext context, Day[] rows, string[]? series = null) => context.Forecasting.BackTest(View(rows, context),
            context.Forecasting.ForecastByRecurrentNetwork(Options()),
            new() { TargetColumnName = "Y", TimeColumnName = "Time", SeriesColumnNames = series ?? ["Shop"], Horizon = Horizon, NumberOfOrigins = 1 });
    }

    [TestMethod]
    public void The_option_needs_a_time_column()
    {
        var options = Options(duplicates: DuplicateTimes.Step);
        ((SeriesInputOptions)options.Input).TimeColumnName = null;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Fit(options)).Message, "MissingValues.DuplicateTimes");
    }
}
