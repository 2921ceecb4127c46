using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

[TestClass]
public sealed class ForecastEngineTests
{
    private const int Window = 12, Horizon = 4;
    private static readonly MLContext Context = new(1);
    private static ITransformer s_model = null!;

    private sealed class Answer
    {
        public string Series { get; set; } = "";
        public float[] Forecast { get; set; } = [];
        public float[] Lower { get; set; } = [];
        public float[] Upper { get; set; } = [];
    }

    [ClassInitialize]
    public static void Train(TestContext _) => s_model = Context.Transforms.CopyColumns("Target", "Value")
        .Append(Context.Forecasting.ForecastByLstm("Forecast", "Target", Window, Horizon, "Time", "Series",
        "Lower", "Upper", 0.9f, hiddenSize: 16, maximumNumberOfEpochs: 10)).Fit(Context.Data.LoadFromEnumerable(ForecastingTests.Waves(200)));

    private static Answer LastOf(IEnumerable<ForecastingTests.Point> rows, string series) =>
        Context.Data.CreateEnumerable<Answer>(s_model.Transform(Context.Data.LoadFromEnumerable(rows)), false).Last(answer => answer.Series == series);

    private static void Same(Answer expected, SeriesForecast actual)
    {
        for (var h = 0; h < Horizon; h++)
        {
            Assert.AreEqual(expected.Forecast[h], actual.Values[h], 1e-3f);
            Assert.AreEqual(expected.Lower[h], actual.LowerBounds[h], 1e-3f);
            Assert.AreEqual(expected.Upper[h], actual.UpperBounds[h], 1e-3f);
        }
    }

    [TestMethod]
    public void Bulk_and_single_rows_give_the_views_forecasts()
    {
        var rows = ForecastingTests.Waves(60);
        using var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(Context.Data.LoadFromEnumerable(rows.Take(80)));
        foreach (var row in rows.Skip(80)) engine.Observe(row);
        CollectionAssert.AreEqual(new[] { "a", "b" }, engine.Series.ToArray());
        Same(LastOf(rows, "a"), engine.Predict("a"));
        Same(LastOf(rows, "b"), engine.Predict("b"));
        Assert.HasCount(2, engine.Predict("b", horizon: 2).Values);
    }

    [TestMethod]
    public void A_series_of_keys_is_named_by_the_keys_value()
    {
        var rows = ForecastingTests.Waves(60);
        // Two mappings that number the series the other way round.
        ITransformer first = Map(rows), second = Map(rows.Reverse());
        var forecaster = Context.Forecasting.ForecastByLstm("Forecast", "Value", Window, Horizon, "Time", "Key", hiddenSize: 4, maximumNumberOfEpochs: 1)
            .Fit(first.Transform(Context.Data.LoadFromEnumerable(rows)));
        using var keys = forecaster.CreateForecastEngine(Context);
        keys.Observe(first.Transform(Context.Data.LoadFromEnumerable(rows.Take(81))));
        keys.Observe(second.Transform(Context.Data.LoadFromEnumerable(rows.Skip(81))));
        CollectionAssert.AreEqual(new[] { "a", "b" }, keys.Series.ToArray());
        using var whole = forecaster.CreateForecastEngine(Context);
        whole.Observe(first.Transform(Context.Data.LoadFromEnumerable(rows)));
        foreach (var series in whole.Series) CollectionAssert.AreEqual(whole.Predict(series).Values.ToArray(), keys.Predict(series).Values.ToArray());
        // What the mapping never saw is a missing key, and a series without a name.
        keys.Observe(first.Transform(Context.Data.LoadFromEnumerable([new ForecastingTests.Point { Series = "c", Time = 1, Value = 2 }])));
        CollectionAssert.AreEqual(new[] { "a", "b", "" }, keys.Series.ToArray());

        ITransformer Map(IEnumerable<ForecastingTests.Point> seen) =>
            Context.Transforms.Conversion.MapValueToKey("Key", "Series").Fit(Context.Data.LoadFromEnumerable(seen));
    }

    [TestMethod]
    public void Beyond_the_trained_horizon_forecasts_feed_forecasts()
    {
        var rows = ForecastingTests.Waves(60);
        using var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(Context.Data.LoadFromEnumerable(rows));
        var far = engine.Predict("a", horizon: Horizon + 3);
        // By hand: the first block is taken in as if it had been seen.
        var fed = engine.Predict("a").Values.Select((value, h) => new ForecastingTests.Point { Series = "a", Time = 60 + h, Value = (float)value });
        var next = LastOf(rows.Concat(fed), "a").Forecast;
        for (var h = 0; h < 3; h++)
        {
            Assert.AreEqual(next[h], far.Values[Horizon + h], 1e-3f);
            Assert.IsTrue(double.IsNaN(far.UpperBounds[Horizon + h]));
        }
    }

    [TestMethod]
    public void Bounds_of_other_levels_are_nested()
    {
        using var engine = s_model.CreateForecastEngine(Context);
        engine.Observe(Context.Data.LoadFromEnumerable(ForecastingTests.Waves(60)));
        var widths = new[] { 0.3f, 0.5f, 0.8f, 0.9f }.Select(level => engine.Predict("a", confidenceLevel: level) is var forecast
            ? forecast.UpperBounds[1] - forecast.LowerBounds[1]
            : 0).ToArray();
        for (var i = 1; i < widths.Length; i++) NumberAssert.IsGreaterThan(widths[i - 1], widths[i]);
    }

    [TestMethod]
    public void A_checkpoint_goes_on_where_the_engine_was()
    {
        var rows = ForecastingTests.Waves(60);
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".zip");
        try
        {
            using (var engine = s_model.CreateForecastEngine(Context))
            {
                engine.Observe(Context.Data.LoadFromEnumerable(rows.Take(90)));
                engine.CheckPoint(Context, path);
                engine.Observe(rows[95]);
            }
            var context = new MLContext();
            using var resumed = context.Model.Load(path, out _).CreateForecastEngine(context);
            foreach (var row in rows.Skip(90)) resumed.Observe(row);
            Same(LastOf(rows, "a"), resumed.Predict("a"));
            Same(LastOf(rows, "b"), resumed.Predict("b"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Many_threads_observe_and_predict_at_once()
    {
        var rows = ForecastingTests.Waves(300);
        // Bounds would follow the outcomes of as many forecasts as happen to be asked for.
        using var engine = s_model.CreateForecastEngine(Context, adaptationRate: 0);
        engine.Observe(Context.Data.LoadFromEnumerable(rows.Take(2 * Window)));
        Parallel.Invoke(
            () => { foreach (var row in rows.Skip(2 * Window).Where(row => row.Series == "a")) engine.Observe(row); },
            () => { foreach (var row in rows.Skip(2 * Window).Where(row => row.Series == "b")) engine.Observe(row); },
            () => { for (var i = 0; i < 300; i++) Assert.IsTrue(double.IsFinite(engine.Predict("a").Values[0])); },
            () => { for (var i = 0; i < 300; i++) Assert.IsTrue(double.IsFinite(engine.Predict("b").Values[0])); });
        Same(LastOf(rows, "a"), engine.Predict("a"));
        Same(LastOf(rows, "b"), engine.Predict("b"));
    }

    [TestMethod]
    public void Series_by_number_are_known_by_their_digits()
    {
        var rows = Enumerable.Range(0, 120).Select(i => new Numbered { Id = i % 2 == 0 ? -7 : 12, Value = i }).ToArray();
        var model = Context.Forecasting.ForecastByGru("Forecast", "Value", 4, 2, seriesColumnName: "Id", hiddenSize: 4, maximumNumberOfEpochs: 1)
            .Fit(Context.Data.LoadFromEnumerable(rows));
        using var engine = model.CreateForecastEngine(Context);
        engine.Observe(Context.Data.LoadFromEnumerable(rows));
        CollectionAssert.AreEqual(new[] { "-7", "12" }, engine.Series.ToArray());
        Assert.HasCount(2, engine.Predict("-7").Values);
        Assert.IsEmpty(engine.Predict("12").LowerBounds);
    }

    [TestMethod]
    public void What_cannot_be_done_is_said()
    {
        using var engine = s_model.CreateForecastEngine(Context);
        Assert.ThrowsExactly<ArgumentNullException>(() => engine.Predict());
        Assert.AreEqual("series", Assert.ThrowsExactly<ArgumentException>(() => engine.Predict("c")).ParamName);
        engine.Observe(new ForecastingTests.Point { Series = "c", Time = 5 });
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => engine.Predict("c")).Message, "needs 12");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Observe(new ForecastingTests.Point { Series = "c", Time = 4 })).Message,
            "'Time'");
        Assert.AreEqual("horizon", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => engine.Predict("c", horizon: 0)).ParamName);
        Assert.AreEqual("confidenceLevel", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => engine.Predict("c", confidenceLevel: 1)).ParamName);
        var copy = Context.Transforms.CopyColumns("A", "Value").Fit(Context.Data.LoadFromEnumerable(ForecastingTests.Waves(1)));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => copy.CreateForecastEngine(Context)).Message, "ends in one");
    }

    private sealed class Numbered
    {
        public int Id { get; set; }
        public float Value { get; set; }
    }
}
