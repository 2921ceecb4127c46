using Microsoft.ML.Recurrent.Forecasting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

[TestClass]
public sealed class FutureCovariateTests
{
    private const int Window = 6, Horizon = 3;
    private static readonly ForecasterFixture<Row, Answer> Forecaster = new(() => Options);
    private static RecurrentForecastingTransformer s_model = null!;

    private sealed class Row
    {
        public string Shop { get; set; } = "";
        public float Time { get; set; }
        public float Sales { get; set; }
        public float Visitors { get; set; }
        public float Price { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    private static RecurrentForecastingEstimator.Options Options => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = "Sales", PastCovariateColumnNames = ["Visitors"], FutureCovariateColumnNames = ["Price"], WindowSize = Window,
            SeriesColumnNames = ["Shop"], TimeColumnName = "Time",
        },
        Horizon = Horizon,
        Network = { HiddenSize = 16 },
        Optimizer = { LearningRate = 1e-2f },
        Stopping = { MaximumNumberOfEpochs = 25 },
        Seed = 3,
    };

    /// <summary>Sales that only the price of the same step tells, and prices that nothing before tells.</summary>
    private static Row[] Rows(int length, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).SelectMany(t => new[] { "a", "b" }, (t, shop) =>
        {
            var price = 5 + random.NextSingle();
            return new Row { Shop = shop, Time = t, Price = price, Visitors = random.NextSingle(), Sales = 100 - 8 * price };
        })];
    }

    [ClassInitialize]
    public static void Train(TestContext _) =>
        s_model = Forecaster.Fit(Rows(300));

    private static float[][] Forecasts(IEnumerable<Row> rows, ITransformer? model = null) =>
        [.. Forecaster.Forecast(model ?? s_model, rows).Select(answer => answer.Forecast)];

    [TestMethod]
    public void What_is_known_ahead_is_used_and_rows_without_it_hold_NaN()
    {
        var rows = Rows(80, seed: 2);
        var forecasts = Forecasts(rows);
        double error = 0, spread = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            var silent = rows[i].Time < Window - 1 || rows[i].Time + Horizon > 79;
            Assert.AreEqual(silent, float.IsNaN(forecasts[i][0]), $"row {i}");
            for (var h = 0; !silent && h < Horizon; h++)
            {
                error += Math.Abs(forecasts[i][h] - rows[i + 2 * (h + 1)].Sales);
                spread += Math.Abs(56 - rows[i + 2 * (h + 1)].Sales);
            }
        }
        NumberAssert.IsLessThan(0.25 * spread, error);
    }

    [TestMethod]
    public void Rows_of_the_horizon_may_lack_all_but_what_is_known_ahead()
    {
        var rows = Rows(30);
        var expected = Forecasts(rows);
        foreach (var row in rows.Where(row => row.Time >= 27)) (row.Sales, row.Visitors) = (float.NaN, float.NaN);
        var actual = Forecasts(rows);
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i].Time < 27) CollectionAssert.AreEqual(expected[i], actual[i], $"row {i}");
            else Assert.IsTrue(float.IsNaN(actual[i][0]));
        }
    }

    [TestMethod]
    public void Later_targets_and_past_covariates_change_nothing_and_prices_of_the_horizon_do()
    {
        var rows = Rows(60);
        const int changed = 70;
        var before = Forecasts(rows);
        (rows[changed].Sales, rows[changed].Visitors) = (1e4f, -50);
        var after = Forecasts(rows);
        for (var i = 0; i < rows.Length; i++)
            if (i < changed || rows[i].Shop != rows[changed].Shop) CollectionAssert.AreEqual(before[i], after[i], $"row {i}");
        rows = Rows(60);
        rows[changed].Price += 1;
        after = Forecasts(rows);
        for (var i = 0; i < changed; i++)
        {
            var sees = rows[i].Shop == rows[changed].Shop && rows[i].Time >= Window - 1 && rows[changed].Time - rows[i].Time <= Horizon;
            Assert.AreEqual(sees, !float.IsNaN(before[i][0]) && !before[i].SequenceEqual(after[i]), $"row {i}");
        }
    }

    [TestMethod]
    public void The_engine_takes_the_rows_to_come()
    {
        var rows = Rows(40);
        var expected = Forecasts(rows);
        using var engine = s_model.CreateForecastEngine(Forecaster.Context);
        engine.Observe(Forecaster.Load(rows.Where(row => row.Time < 30)));
        var next = engine.Predict(Forecaster.Load(rows.Where(row => row.Time >= 30 && row.Time < 33)
            .Select(row => new Row { Shop = row.Shop, Time = row.Time, Price = row.Price, Sales = float.NaN, Visitors = float.NaN })), "b");
        for (var h = 0; h < Horizon; h++) Assert.AreEqual(expected[2 * 29 + 1][h], next.Values[h], 1e-3f);
        // The whole table does as well: what was observed is passed over.
        CollectionAssert.AreEqual(next.Values, engine.Predict(Forecaster.Load(rows), "b").Values);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Predict("b")).Message, "Predict(future");
        var missing = Assert.ThrowsExactly<ArgumentException>(() => engine.Predict(Forecaster.Load(rows.Where(row => row.Time < 32)), "b"));
        StringAssert.Contains(missing.Message, "needs 3 rows (one trained horizon) after the last observation of the series 'b'; 2 were given");
    }

    [TestMethod]
    public void Beyond_the_horizon_prices_and_forecasts_feed_forecasts()
    {
        var options = Options;
        (options.Input.PastCovariateColumnNames, options.Stopping.MaximumNumberOfEpochs) = ([], 2);
        var model = Forecaster.Fit(Rows(100), options);
        var rows = Rows(60);
        using var engine = model.CreateForecastEngine(Forecaster.Context);
        engine.Observe(Forecaster.Load(rows.Where(row => row.Time < 30)));
        var far = engine.Predict(Forecaster.Load(rows), "a", horizon: 5).Values;
        // By hand: the first block is taken in as if it had been seen.
        var block = rows.Where(row => row.Shop == "a" && row.Time is >= 30 and < 33).Zip(far)
            .Select(pair => new Row { Shop = "a", Time = pair.First.Time, Price = pair.First.Price, Sales = (float)pair.Second });
        engine.Observe(Forecaster.Load(block));
        var next = engine.Predict(Forecaster.Load(rows), "a").Values;
        for (var h = 0; h < 2; h++) Assert.AreEqual(next[h], far[3 + h], 1e-3f);
    }

    [TestMethod]
    [DataRow(WindowNormalization.None, true)]
    [DataRow(WindowNormalization.LastValue, false)]
    [DataRow(WindowNormalization.LastValue, true)]
    [DataRow(WindowNormalization.Standard, true)]
    public void The_graph_agrees_and_models_survive_their_file(WindowNormalization normalization, bool standardize)
    {
        var options = Options;
        (options.Normalization.Window, options.Normalization.Standardize, options.Stopping.MaximumNumberOfEpochs, options.Input.StaticColumnNames) =
            (normalization, standardize, 1, ["Time"]);
        options.Series.TimeColumnName = null;
        var rows = Rows(60);
        var model = Forecaster.Fit(rows, options);
        ForecastEquality.Check(model.Model,
            network => new PointForecastHead(default, new(Window, Horizon, 1, model.Model.Manifest.Forecast!.SeasonLength, false), network));
        var (before, after) = (Forecasts(rows, model), Forecasts(rows, Forecaster.Reload(model, rows)));
        for (var i = 0; i < rows.Length; i++) CollectionAssert.AreEqual(before[i], after[i]);
    }

    [TestMethod]
    public void Faults_are_named()
    {
        var twice = Options;
        twice.Input.PastCovariateColumnNames = ["Price"];
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Create(twice)).Message,
            "'Price' is an input twice");
    }
}
