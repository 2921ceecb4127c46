using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>The engine with rows in bulk and all series at once, in a server's life: many threads, rows at fault, a checkpoint that fails, an end.</summary>
[TestClass]
public sealed class ForecastEngineBulkTests
{
    private const int Window = 10, Horizon = 4;
    private static readonly MLContext Context = new(1);
    private static readonly DateTime Start = new(2026, 1, 1);
    private static ITransformer s_model = null!, s_ahead = null!;

    private sealed class Reading
    {
        public DateTime Time { get; set; }
        public string Sensor { get; set; } = "";
        public double Value { get; set; }
        public float Price { get; set; }
    }

    private static Reading At(string sensor, int hour) =>
        new() { Time = Start.AddHours(hour), Sensor = sensor, Value = sensor.Length + sensor[^1] % 7 * MathF.Sin(hour * 0.6f + sensor[^1]), Price = hour % 5 };

    private static Reading[] Readings(int sensors, int hours, int first = 0) =>
        [.. from hour in Enumerable.Range(first, hours) from sensor in Enumerable.Range(0, sensors) select At($"s{sensor}", hour)];

    private static IDataView View(IEnumerable<Reading> readings) => Context.Data.LoadFromEnumerable(readings);

    [ClassInitialize]
    public static void Train(TestContext _)
    {
        RecurrentForecastingEstimator.Options Options(params string[] ahead) => new()
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = "Value", FutureCovariateColumnNames = ahead, SeriesColumnNames = ["Sensor"], TimeColumnName = "Time", WindowSize = Window,
                CalendarFeatures = CalendarFeatures.HourOfDay,
            },
            Horizon = Horizon,
            Network = { HiddenSize = 8 },
            Stopping = { MaximumNumberOfEpochs = 3 },
            Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.5f },
        };
        var rows = View(Readings(4, 120));
        s_model = Context.Forecasting.ForecastByRecurrentNetwork(Options()).Fit(rows);
        s_ahead = Context.Forecasting.ForecastByRecurrentNetwork(Options("Price")).Fit(rows);
    }

    private static void Same(SeriesForecast expected, SeriesForecast actual)
    {
        Assert.AreEqual(expected.Values.Length, actual.Values.Length);
        for (var i = 0; i < expected.Values.Length; i++)
        {
            Assert.AreEqual(expected.Values[i], actual.Values[i], 1e-4f);
            Assert.AreEqual(expected.LowerBounds[i], actual.LowerBounds[i], 1e-4f);
            Assert.AreEqual(expected.UpperBounds[i], actual.UpperBounds[i], 1e-4f);
        }
    }

    [TestMethod]
    [DataRow(null, null)]
    [DataRow(2, 0.5f)]
    [DataRow(11, null)]
    public void All_series_at_once_are_foreseen_as_one_by_one(int? horizon, float? level)
    {
        using var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(View(Readings(600, Window + 1)));
        engine.Observe(At("short", 0));
        var all = engine.PredictAll(horizon, level);
        Assert.HasCount(600, all);
        Assert.IsFalse(all.ContainsKey("short"));
        foreach (var name in (string[])["s0", "s255", "s256", "s599"]) Same(engine.Predict(name, horizon, level), all[name]);
    }

    [TestMethod]
    public void All_series_that_have_rows_to_come_are_foreseen_from_them()
    {
        using var engine = s_ahead.CreateForecastEngine(Context);
        engine.Observe(View(Readings(300, Window + 3)));
        Assert.AreEqual("horizon", Assert.ThrowsExactly<ArgumentException>(() => engine.PredictAll()).ParamName);
        // Rows of the past and of other series do no harm.
        var future = View(Readings(290, 4 * Horizon, first: Window - 2).Append(At("other", 99)));
        var all = engine.PredictAll(future, 6);
        Assert.HasCount(290, all);
        foreach (var name in (string[])["s0", "s289"]) Same(engine.Predict(future, name, 6), all[name]);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.PredictAll(View(Readings(1, 2, first: Window + 3)))).Message,
            "needs 4 rows (one trained horizon) after the last observation of the series 's0'; 2 were given");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Predict(View(Readings(1, 8, first: Window + 4)), "s0")).Message,
            "more than one step");
    }

    [TestMethod]
    public void Rows_in_bulk_are_taken_in_whole_or_not_at_all()
    {
        using var engine = s_model.CreateForecastEngine(Context, DuplicateTimes.Refuse);
        engine.Observe(View(Readings(2, Window)));
        var before = engine.Predict("s1");
        var later = Readings(3, 5, first: Window);
        (later[^1].Time, later[^1].Sensor) = (Start.AddHours(Window), "s0");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(View(later))).Message, "Row 14");
        var error = Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(View(Readings(3, 5, first: Window - 2))));
        StringAssert.Contains(error.Message,
            "The rows of the series 's0' start at 2026-01-01 08:00:00, but the engine has already observed rows up to 2026-01-01 09:00:00 (the column "
                + "'Time')");
        Same(before, engine.Predict("s1"));
        CollectionAssert.AreEqual(new[] { "s0", "s1" }, engine.Series.ToArray());
        engine.Observe(View(Readings(3, 5, first: Window)));
        CollectionAssert.AreEqual(new[] { "s0", "s1", "s2" }, engine.Series.ToArray());
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Rows_in_pieces_mean_the_same_as_at_once(bool gaps)
    {
        var rows = Readings(3, 60).Where(row => !gaps || row.Time.Hour % 5 != 2 && (row.Sensor != "s1" || row.Time.Day == 1)).ToArray();
        var model = Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions { InputColumnName = "Value", SeriesColumnNames = ["Sensor"], TimeColumnName = "Time", WindowSize = Window },
            Horizon = Horizon,
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            MissingValues = { FillTimeGaps = gaps, MinimumHistory = gaps ? 3 : null },
            Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.5f },
        }).Fit(View(rows));
        using RecurrentForecastEngine whole = model.CreateForecastEngine(Context), pieces = model.CreateForecastEngine(Context),
            single = model.CreateForecastEngine(Context);
        whole.Observe(View(rows));
        foreach (var chunk in rows.Chunk(7)) pieces.Observe(View(chunk));
        foreach (var row in rows) single.Observe(row);
        foreach (var name in whole.Series)
        {
            Same(whole.Predict(name), pieces.Predict(name));
            Same(whole.Predict(name), single.Predict(name));
        }
    }

    [TestMethod]
    public void Forecasts_go_on_while_a_slow_source_is_read()
    {
        using var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(View(Readings(2, Window)));
        var before = engine.Predict("s0").Values[0];
        using ManualResetEventSlim reading = new(), release = new();
        var bulk = Task.Run(() => engine.Observe(View(Slow())));
        Assert.IsTrue(reading.Wait(TimeSpan.FromSeconds(30)));
        Assert.AreEqual(before, engine.Predict("s0").Values[0]);
        release.Set();
        bulk.Wait();
        Assert.AreNotEqual(before, engine.Predict("s0").Values[0]);

        IEnumerable<Reading> Slow()
        {
            for (var hour = Window; hour < Window + 6; hour++)
            {
                yield return At("s0", hour);
                reading.Set();
                release.Wait();
            }
        }
    }

    [TestMethod]
    public void Many_threads_do_everything_at_once()
    {
        const int Sensors = 24, Hours = 60;
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".zip");
        using var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(View(Readings(Sensors, Window)));
        try
        {
            Parallel.For(0, 4 * Sensors, new() { MaxDegreeOfParallelism = 16 }, i =>
            {
                var name = $"s{i % Sensors}";
                switch (i / Sensors)
                {
                    case 0 when i % 2 == 0:
                        for (var hour = Window; hour < Hours; hour++) engine.Observe(At(name, hour));
                        break;
                    case 0:
                        for (var hour = Window; hour < Hours; hour += 10) engine.Observe(View(Enumerable.Range(hour, 10).Select(h => At(name, h))));
                        break;
                    case 1:
                        for (var k = 0; k < 20; k++) Assert.IsTrue(double.IsFinite(engine.Predict(name, 6).Values[5]));
                        break;
                    case 2:
                        Assert.HasCount(Sensors, engine.PredictAll());
                        break;
                    default:
                        if (i % 6 == 0) engine.CheckPoint(Context, $"{path}.{i}");
                        Assert.HasCount(Sensors, engine.Series);
                        break;
                }
            });
            using var expected = s_model.CreateForecastEngine(Context);
            expected.Observe(View(Readings(Sensors, Hours)));
            var all = engine.PredictAll();
            foreach (var (name, forecast) in expected.PredictAll()) Same(forecast, all[name]);
        }
        finally
        {
            foreach (var file in Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(path) + ".*")) File.Delete(file);
        }
    }

    [TestMethod]
    public void A_checkpoint_that_fails_leaves_the_file_before_it()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Combine(folder.FullName, "engine.zip");
            using var engine = s_model.CreateForecastEngine(Context);
            engine.Observe(View(Readings(2, Window)));
            engine.CheckPoint(Context, path);
            var before = File.ReadAllBytes(path);
            var forecast = engine.Predict("s0");
            engine.Observe(View(Readings(2, 3, first: Window)));
            // Something in the pipeline that cannot be written.
            using var broken = new TransformerChain<ITransformer>(new Unwritable(), s_model).CreateForecastEngine(Context);
            Assert.ThrowsExactly<IOException>(() => broken.CheckPoint(Context, path));
            CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
            CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder.FullName));
            using var loaded = Context.Model.Load(path, out _).CreateForecastEngine(Context);
            Same(forecast, loaded.Predict("s0"));

            // A process that was killed while it wrote leaves a cut file beside the old one, never in its place.
            File.WriteAllBytes(path + ".abc.tmp", before[..(before.Length / 2)]);
            engine.CheckPoint(Context, path);
            using var renewed = Context.Model.Load(path, out _).CreateForecastEngine(Context);
            Same(engine.Predict("s0"), renewed.Predict("s0"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void After_its_end_an_engine_says_so_but_still_writes_its_checkpoint()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".zip");
        var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(View(Readings(1, Window)));
        var forecast = engine.Predict("s0");
        engine.Dispose();
        engine.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => engine.Predict("s0"));
        Assert.ThrowsExactly<ObjectDisposedException>(() => engine.PredictAll());
        Assert.ThrowsExactly<ObjectDisposedException>(() => engine.Observe(At("s0", 99)));
        Assert.ThrowsExactly<ObjectDisposedException>(() => engine.Observe(View(Readings(1, 1, 99))));
        try
        {
            engine.CheckPoint(Context, path);
            using var loaded = Context.Model.Load(path, out _).CreateForecastEngine(Context);
            Same(forecast, loaded.Predict("s0"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void A_forecast_goes_through_json_with_what_is_not_known()
    {
        using var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(View(Readings(1, Window)));
        var far = engine.Predict("s0", Horizon + 1);
        var read = JsonSerializer.Deserialize<SeriesForecast>(JsonSerializer.Serialize(far, JsonSerializerOptions.Web), JsonSerializerOptions.Web)!;
        CollectionAssert.AreEqual(far.Values.ToArray(), read.Values.ToArray());
        CollectionAssert.AreEqual(far.UpperBounds.ToArray(), read.UpperBounds.ToArray());
        Assert.IsTrue(double.IsNaN(read.UpperBounds[^1]));
    }

    [TestMethod]
    public void Mistakes_are_named_with_what_to_do()
    {
        using var engine = s_model.CreateForecastEngine(Context, DuplicateTimes.Refuse);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Predict("s0")).Message, "The engine has no observations");
        engine.Observe(View(Readings(2, Window)));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Predict("S1")).Message,
            "The series 'S1' was not observed. Did you mean 's1'?");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(Readings(1, 3, first: Window))).Message, "LoadFromEnumerable");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(At("s1", 2))).Message,
            "(2026-01-01 02:00:00) is earlier than a previous row of the same series ('Sensor': 's1'), 2026-01-01 09:00:00");
        // A view whose static type is no IDataView of the overload.
        object view = View(Readings(1, 3, first: Window));
        engine.Observe(view);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(View(Readings(1, 1)))).Message, "no row was observed");
    }

    private sealed class Unwritable : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IDataView Transform(IDataView input) => input;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public void Save(ModelSaveContext ctx) => throw new IOException("no space left");
    }
}
