using Microsoft.ML.Recurrent.Forecasting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>What is known ahead, but not of all steps: a weather forecast that ends early.</summary>
[TestClass]
public sealed class MissingFutureTests
{
    private const int Window = 6, Horizon = 3;
    private static readonly ForecasterFixture<Row, Answer> Forecaster = new(() => Options);
    private static readonly DateTime Start = new(2026, 1, 1);
    private static RecurrentForecastingTransformer s_model = null!;

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public string Shop { get; set; } = "";
        public float Sales { get; set; }
        public float Price { get; set; }
        public string Weather { get; set; } = "";
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    private static RecurrentForecastingEstimator.Options Options => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = "Sales", FutureCovariateColumnNames = ["Price", "Weather"], WindowSize = Window, SeriesColumnNames = ["Shop"],
            TimeColumnName = "Time", CalendarFeatures = CalendarFeatures.HourOfDay,
        },
        Horizon = Horizon,
        Network = { HiddenSize = 24 },
        Optimizer = { LearningRate = 1e-2f },
        Stopping = { MaximumNumberOfEpochs = 30 },
        Seed = 3,
    };

    /// <summary>
    /// Sales that only the price and the weather of the same step tell; prices that are low, so that their mean misleads, with a share of holes.
    /// </summary>
    private static Row[] Rows(int length, float missing, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).SelectMany(t => new[] { "a", "b" }, (t, shop) =>
        {
            var (price, rain, gone) = (5 + random.NextSingle(), random.Next(2) == 0, random.NextSingle() < missing);
            return new Row { Time = Start.AddHours(t), Shop = shop, Price = gone ? float.NaN : price,
                Weather = random.NextSingle() < missing ? "" : rain ? "rain" : "sun", Sales = (gone ? 20 : 100 - 8 * price) - (rain ? 4 : 0) };
        })];
    }

    [ClassInitialize]
    public static void Train(TestContext _) =>
        s_model = Forecaster.Fit(Rows(500, missing: 0.2f));

    private static float[][] Forecasts(IEnumerable<Row> rows, ITransformer? model = null) =>
        [.. Forecaster.Forecast(model ?? s_model, rows).Select(answer => answer.Forecast)];

    [TestMethod]
    public void The_network_is_told_what_is_missing_ahead()
    {
        // The price has a mask, the calendar needs none.
        Assert.IsTrue(s_model.Model.Description is { AllowsMissing: true, FutureMasks: 1, FutureFeatures: 3 });
        var rows = Rows(120, missing: 0.2f, seed: 2);
        var forecasts = Forecasts(rows);
        double error = 0, blind = 0, count = 0, holes = 0;
        for (var i = 2 * (Window - 1); i < rows.Length - 2 * Horizon; i++)
        {
            for (var h = 0; h < Horizon; h++)
            {
                var row = rows[i + 2 * (h + 1)];
                if (!float.IsNaN(row.Price)) (error, count) = (error + Math.Abs(forecasts[i][h] - row.Sales), count + 1);
                else (blind, holes) = (blind + Math.Abs(forecasts[i][h] - row.Sales), holes + 1);
            }
        }
        // A network that took a missing price for its mean would foresee sales of 54 there instead of 18.
        NumberAssert.IsLessThan(6, error / count);
        NumberAssert.IsLessThan(12, blind / holes);
    }

    [TestMethod]
    public void The_engine_takes_a_weather_forecast_that_ends_early()
    {
        var rows = Rows(40, missing: 0.1f);
        foreach (var row in rows.Where(row => row.Time >= Start.AddHours(31))) (row.Price, row.Weather) = (float.NaN, "");
        foreach (var row in rows.Where(row => row.Time >= Start.AddHours(30))) row.Sales = float.NaN;
        var expected = Forecasts(rows)[2 * 29 + 1];
        Assert.IsTrue(expected.All(float.IsFinite));
        using var engine = s_model.CreateForecastEngine(Forecaster.Context);
        engine.Observe(Forecaster.Load(rows.Where(row => row.Time < Start.AddHours(30))));
        var next = engine.Predict(Forecaster.Load(rows), "b").Values;
        for (var h = 0; h < Horizon; h++) Assert.AreEqual(expected[h], next[h], 1e-3f);
        // Infinite numbers are none either.
        foreach (var row in rows.Where(row => float.IsNaN(row.Price))) row.Price = float.PositiveInfinity;
        CollectionAssert.AreEqual(expected, Forecasts(rows)[2 * 29 + 1]);
        CollectionAssert.AreEqual(next, engine.Predict(Forecaster.Load(rows), "b").Values);
    }

    [TestMethod]
    public void A_missing_category_ahead_is_an_unknown_one()
    {
        var rows = Rows(30, missing: 0);
        foreach (var row in rows) row.Weather = "";
        var missing = Forecasts(rows);
        foreach (var row in rows) row.Weather = "hail";
        var unknown = Forecasts(rows);
        for (var i = 0; i < rows.Length; i++) CollectionAssert.AreEqual(missing[i], unknown[i]);
    }

    [TestMethod]
    public void Times_without_a_row_are_missing_ahead_too()
    {
        var options = Options;
        (options.MissingValues.FillTimeGaps, options.Stopping.MaximumNumberOfEpochs, options.Input.FutureCovariateColumnNames) = (true, 1, ["Price"]);
        var model = Forecaster.Fit(Rows(80, missing: 0).Where(row => row.Time.Hour % 11 != 5), options);
        Assert.AreEqual(1, model.Model.Description.FutureMasks);
        var rows = Rows(40, missing: 0);
        foreach (var row in rows.Where(row => row.Time == Start.AddHours(31))) row.Price = float.NaN;
        var whole = Forecasts(rows, model);
        var gapped = rows.Where(row => row.Time != Start.AddHours(31)).ToArray();
        CollectionAssert.AreEqual(whole[2 * 29], Forecasts(gapped, model)[2 * 29]);
        using var engine = model.CreateForecastEngine(Forecaster.Context);
        engine.Observe(Forecaster.Load(rows.Where(row => row.Time < Start.AddHours(30))));
        var next = engine.Predict(Forecaster.Context.Data.LoadFromEnumerable(gapped.Where(row => row.Time >= Start.AddHours(30))), "a").Values;
        for (var h = 0; h < Horizon; h++) Assert.AreEqual(whole[2 * 29][h], next[h], 1e-3f);
    }

    [TestMethod]
    [DataRow(ForecastStrategy.Direct, null)]
    [DataRow(ForecastStrategy.Direct, 1000)]
    [DataRow(ForecastStrategy.EncoderDecoder, null)]
    [DataRow(ForecastStrategy.Recursive, null)]
    public void The_graph_agrees_and_models_survive_their_file(ForecastStrategy strategy, int? rowsInMemory)
    {
        var options = Options;
        (options.Decoding.Strategy, options.Stopping.MaximumNumberOfEpochs, options.Series.MaximumRowsInMemory) = (strategy, 1, rowsInMemory);
        var rows = Rows(60, missing: 0.2f).OrderBy(row => row.Shop).ToArray();
        var model = Forecaster.Fit(rows, options);
        // What feeds on its own forecasts has no place for masks: there it is the mean.
        Assert.AreEqual(strategy is ForecastStrategy.Recursive ? 0 : 1, model.Model.Description.FutureMasks);
        ForecastEquality.Check(model.Model,
            network => new PointForecastHead(default, new(Window, Horizon, 1, model.Model.Manifest.Forecast!.SeasonLength, false), network),
            (random, input) => input.IsCategory ? random.Next(input.Vocabulary) : random.Next(4) == 0 ? float.NaN : 10 * random.NextSingle());
        var (before, after) = (Forecasts(rows, model), Forecasts(rows, Forecaster.Reload(model, rows)));
        for (var i = 0; i < rows.Length; i++) CollectionAssert.AreEqual(before[i], after[i]);
        Assert.IsTrue(before[Window + 5].All(float.IsFinite));
    }

    [TestMethod]
    public void Where_training_rows_lack_nothing_ahead_a_hole_is_the_mean()
    {
        var options = Options;
        (options.MissingValues.Handling, options.Stopping.MaximumNumberOfEpochs) = (MissingValueHandling.Mask, 1);
        var model = Forecaster.Fit(Rows(80, missing: 0), options);
        Assert.AreEqual(0, model.Model.Description.FutureMasks);
        var rows = Rows(30, missing: 0);
        rows[40].Price = float.NaN;
        var holed = Forecasts(rows, model);
        using var network = model.Model.ToNetwork();
        rows[40].Price = network["future.mean"].Value[0];
        var filled = Forecasts(rows, model);
        for (var h = 0; h < Horizon; h++) Assert.AreEqual(filled[38][h], holed[38][h], 1e-3f);
    }

    [TestMethod]
    public void Faults_name_row_and_column()
    {
        var options = Options;
        (options.MissingValues.Handling, options.Stopping.MaximumNumberOfEpochs) = (MissingValueHandling.Refuse, 1);
        var rows = Rows(40, missing: 0);
        rows[31].Price = float.NaN;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(rows, options)).Message,
            "Row 31 of the input column 'Price' holds NaN");
        rows[31].Price = float.NegativeInfinity;
        options.MissingValues.Handling = MissingValueHandling.Mask;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(rows, options)).Message,
            "Row 31 of the input column 'Price' holds -");
        options.MissingValues.Handling = MissingValueHandling.Auto;
        rows[31].Price = 5;
        var model = Forecaster.Fit(rows, options);
        using var engine = model.CreateForecastEngine(Forecaster.Context);
        engine.Observe(Forecaster.Load(rows.Where(row => row.Time < Start.AddHours(30))));
        rows[2 * 31].Price = float.NaN;
        var error = Assert.ThrowsExactly<ArgumentException>(() => engine.Predict(Forecaster.Load(rows), "a"));
        StringAssert.Contains(error.Message, "'Price' of future covariates holds NaN in row 2 after the last observation of the series 'a'");
        Assert.IsTrue(float.IsNaN(Forecasts(rows, model)[2 * 29][0]));
    }
}
