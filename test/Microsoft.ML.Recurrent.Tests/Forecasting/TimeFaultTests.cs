using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Time;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Rows without a time, and rows of a wrong year, are refused by row; an engine goes on without them, or forgets the series.</summary>
[TestClass]
public sealed class TimeFaultTests
{
    private const int Window = 7, Horizon = 3;
    private static readonly MLContext Context = new(1);
    private static readonly DateTime Start = new(2026, 1, 1);
    private static ITransformer s_model = null!;

    private sealed class Day
    {
        public DateTime Time { get; set; }
        public string Shop { get; set; } = "";
        public float Y { get; set; }
    }

    private sealed class Text
    {
        public string Time { get; set; } = "";
        public float Y { get; set; }
    }

    private sealed class Offset
    {
        public DateTimeOffset Time { get; set; }
        public float Y { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    private static Day At(int day, string shop = "a") => new() { Time = Start.AddDays(day), Shop = shop, Y = day % 7 };

    private static IDataView View(IEnumerable<Day> rows) => Context.Data.LoadFromEnumerable(rows);

    private static IEnumerable<Day> Days(int count, string shop = "a") => Enumerable.Range(0, count).Select(day => At(day, shop));

    private static Microsoft.ML.Recurrent.RecurrentForecastingEstimator Trainer(string? series = null) =>
        Context.Forecasting.ForecastByLstm("Forecast", "Y", Window, Horizon, "Time", series, hiddenSize: 4, maximumNumberOfEpochs: 1);

    [ClassInitialize]
    public static void Train(TestContext _) => s_model = Trainer("Shop").Fit(View(Days(60)));

    private static void IsRefused(int row, Action call)
    {
        var message = Assert.ThrowsExactly<ArgumentException>(call).Message;
        StringAssert.Contains(message, $"Row {row} of the time column 'Time' holds no time (0001-01-01");
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(60)]
    public void An_empty_time_cell_is_refused_by_row(int empty)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            File.WriteAllLines(path, Enumerable.Range(0, 120)
                .Select(day => FormattableString.Invariant($"{(day == empty ? "" : $"{Start.AddDays(day):yyyy-MM-dd}")},a,{day % 7}")));
            var rows = Context.Data.LoadFromTextFile(path,
                [new("Time", DataKind.DateTime, 0), new("Shop", DataKind.String, 1), new("Y", DataKind.Single, 2)], separatorChar: ',');
            IsRefused(empty, () => Trainer().Fit(rows));
            IsRefused(empty, () => Context.Data.CreateEnumerable<Answer>(s_model.Transform(rows), false).Count());
            IsRefused(empty, () => Context.Forecasting.BackTest(rows, Trainer(), new() { TargetColumnName = "Y", TimeColumnName = "Time", Horizon = Horizon }));
            using var engine = s_model.CreateForecastEngine(Context);
            IsRefused(empty, () => engine.Observe(rows));
            Assert.IsEmpty(engine.Series);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Text_that_is_no_date_and_an_empty_offset_are_refused_by_row()
    {
        var texts = Enumerable.Range(0, 60).Select(day => new Text { Time = day == 33 ? "n/a" : $"{Start.AddDays(day):yyyy-MM-dd}", Y = day % 7 });
        var converted = Context.Transforms.Conversion.ConvertType("Time", outputKind: DataKind.DateTime);
        var view = Context.Data.LoadFromEnumerable(texts);
        IsRefused(33, () => converted.Append(Trainer()).Fit(view));
        var offsets = Enumerable.Range(0, 60).Select(day => new Offset { Time = day == 12 ? default : new(Start.AddDays(day)), Y = day % 7 });
        IsRefused(12, () => Trainer().Fit(Context.Data.LoadFromEnumerable(offsets)));
    }

    [TestMethod]
    public void A_row_without_a_time_leaves_no_trace_in_the_engine()
    {
        using var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(View(Days(20)));
        var before = engine.Predict("a").Values.ToArray();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(new Day { Shop = "b", Y = 1 })).Message, "holds no time");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(new Day { Shop = "a", Y = 1 })).Message, "holds no time");
        CollectionAssert.AreEqual(new[] { "a" }, engine.Series.ToArray());
        CollectionAssert.AreEqual(before, engine.Predict("a").Values.ToArray());
    }

    [TestMethod]
    public void A_row_of_a_wrong_year_is_refused_and_the_series_goes_on()
    {
        using var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(View(Days(20)));
        var wrong = At(20);
        wrong.Time = new(2099, 1, 1);
        foreach (var observe in (Action[])[() => engine.Observe(wrong), () => engine.Observe(View([wrong])), () => engine.Observe(View([At(20), wrong]))])
        {
            var message = Assert.ThrowsExactly<ArgumentException>(observe).Message;
            StringAssert.Contains(message, "2099-01-01 00:00:00, too far after the previous row");
            StringAssert.Contains(message, "maximumStepsAhead");
        }
        engine.Observe(At(20));
        using var other = s_model.CreateForecastEngine(Context);
        other.Observe(View(Days(21)));
        CollectionAssert.AreEqual(other.Predict("a").Values.ToArray(), engine.Predict("a").Values.ToArray());
    }

    [TestMethod]
    [DataRow(null, 5000)]
    [DataRow(10, 10)]
    [DataRow(100_000, 100_000)]
    public void Rows_may_lie_as_many_steps_ahead_as_the_engine_allows(int? maximum, int last)
    {
        using var engine = s_model.CreateForecastEngine(Context, maximumStepsAhead: maximum);
        engine.Observe(At(0));
        Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(At(last + 1)));
        engine.Observe(At(last));
    }

    [TestMethod]
    public void Without_a_limit_any_row_is_taken_and_a_limit_of_no_step_is_refused()
    {
        using var engine = s_model.CreateForecastEngine(Context, maximumStepsAhead: int.MaxValue);
        engine.Observe(At(0));
        engine.Observe(new Day { Shop = "a", Time = new(9999, 12, 31) });
        Assert.AreEqual("maximumStepsAhead",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => s_model.CreateForecastEngine(Context, maximumStepsAhead: 0)).ParamName);
    }

    [TestMethod]
    public void A_forgotten_series_starts_anew_and_the_others_go_on()
    {
        using var engine = s_model.CreateForecastEngine(Context, maximumStepsAhead: int.MaxValue);
        foreach (var shop in (string[])["a", "b", "c"]) engine.Observe(View(Days(20, shop)));
        engine.Observe(new Day { Shop = "b", Time = new(2099, 1, 1) });
        var before = engine.Predict("c").Values.ToArray();
        Assert.IsTrue(engine.Forget("b"));
        Assert.IsFalse(engine.Forget("b"));
        CollectionAssert.AreEqual(new[] { "a", "c" }, engine.Series.ToArray());
        CollectionAssert.AreEqual(before, engine.Predict("c").Values.ToArray());
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Predict("b")).Message, "was not observed");
        foreach (var day in Days(20, "b")) engine.Observe(day);
        engine.Observe(At(20, "c"));
        CollectionAssert.AreEqual(new[] { "a", "c", "b" }, engine.Series.ToArray());
        CollectionAssert.AreEqual(engine.Predict("a").Values.ToArray(), engine.Predict("b").Values.ToArray());
        Assert.ThrowsExactly<ArgumentNullException>(() => engine.Forget());
    }

    [TestMethod]
    public void A_checkpoint_holds_nothing_of_a_forgotten_series()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".zip");
        try
        {
            float[] before;
            using (var engine = s_model.CreateForecastEngine(Context))
            {
                foreach (var shop in (string[])["a", "b", "c"]) engine.Observe(View(Days(20, shop).Skip(shop[0] % 3)));
                before = [.. engine.Predict("c").Values];
                engine.Forget("a");
                engine.CheckPoint(Context, path);
            }
            using var resumed = Context.Model.Load(path, out _).CreateForecastEngine(Context);
            CollectionAssert.AreEqual(new[] { "b", "c" }, resumed.Series.ToArray());
            CollectionAssert.AreEqual(before, resumed.Predict("c").Values.ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void After_a_reset_the_engine_is_as_new()
    {
        using var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(View(Days(20)));
        var before = engine.Predict("a").Values.ToArray();
        engine.Observe(At(30));
        engine.Reset();
        Assert.IsEmpty(engine.Series);
        Assert.IsEmpty(engine.PredictAll());
        engine.Observe(View(Days(20)));
        CollectionAssert.AreEqual(before, engine.Predict("a").Values.ToArray());
        using var single = Trainer().Fit(View(Days(60))).CreateForecastEngine(Context);
        single.Observe(View(Days(20)));
        Assert.IsTrue(single.Forget());
        Assert.IsEmpty(single.Series);
        single.Observe(At(0));
        CollectionAssert.AreEqual(new[] { "" }, single.Series.ToArray());
    }

    [TestMethod]
    [DataRow(TimeUnit.BusinessDay, 1)]
    [DataRow(TimeUnit.BusinessDay, 3)]
    [DataRow(TimeUnit.Month, 1)]
    [DataRow(TimeUnit.Month, 3)]
    [DataRow(TimeUnit.Year, 1)]
    public void Steps_of_the_calendar_are_counted_one_by_one(TimeUnit unit, int multiple)
    {
        var frequency = new TimeFrequency(unit, multiple);
        foreach (var from in (DateTime[])[new(2026, 1, 30), new(2026, 1, 31), new(2024, 2, 29)])
        {
            foreach (var days in (int[])[1, 2, 3, 5, 13, 29, 31, 100, 365, 1000, 5000])
            {
                var to = from.AddDays(days);
                var (count, end) = (0, to - (to - frequency.Add(to, -1)) / 2);
                while (frequency.Add(from, count + 1) < end) count++;
                Assert.AreEqual(count, new TimeSteps(frequency).Count(from, to), $"{from} + {days} days");
            }
        }
        // Of the year 9999: no minutes.
        NumberAssert.IsGreaterThan(7_900 / multiple, new TimeSteps(frequency).Count(new(2026, 1, 1), new(9999, 11, 1)));
    }
}
