using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Forecasting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Categories beside the numbers, and series told apart by several columns.</summary>
[TestClass]
public sealed class CategoryTests
{
    private const int Window = 6, Horizon = 2;
    private static readonly ForecasterFixture<Row, Answer> Forecaster = new(() => Options);
    private static RecurrentForecastingTransformer s_model = null!;

    private sealed class Row
    {
        public string Region { get; set; } = "";
        public int Shop { get; set; }
        public float Time { get; set; }
        public float Sales { get; set; }
        public string Kind { get; set; } = "";
        public string Promotion { get; set; } = "";
        [KeyType(3)]
        public uint Weather { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    private static readonly string[] Promotions = ["", "coupon", "display"];

    private static RecurrentForecastingEstimator.Options Options => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = "Sales", StaticColumnNames = ["Kind", "Shop"], FutureCovariateColumnNames = ["Promotion"], PastCovariateColumnNames = ["Weather"],
            SeriesColumnNames = ["Region", "Shop"], TimeColumnName = "Time", WindowSize = Window,
        },
        Horizon = Horizon,
        Network = { HiddenSize = 16 },
        Optimizer = { LearningRate = 1e-2f },
        Stopping = { MaximumNumberOfEpochs = 30 },
        Seed = 3,
        Normalization = { Window = WindowNormalization.None },
    };

    /// <summary>Sales that only the shop's kind and the promotion of the same step tell.</summary>
    private static Row[] Rows(int length, int seed = 1)
    {
        var random = new Random(seed);
        return [.. from t in Enumerable.Range(0, length)
                   from region in (string[])["north", "south"]
                   from shop in (int[])[1, 2]
                   let promotion = random.Next(3)
                   let kind = region == "north" == (shop == 1) ? "big" : "small"
                   select new Row { Region = region, Shop = shop, Time = t, Kind = kind, Promotion = Promotions[promotion], Weather = (uint)random.Next(4),
                       Sales = (kind == "big" ? 20 : 10) + 4 * promotion }];
    }

    [ClassInitialize]
    public static void Train(TestContext _) =>
        s_model = Forecaster.Fit(Rows(200));

    private static float[][] Forecasts(IEnumerable<Row> rows, ITransformer? model = null) =>
        [.. Forecaster.Forecast(model ?? s_model, rows).Select(answer => answer.Forecast)];

    [TestMethod]
    public void Categories_of_the_horizon_and_of_the_series_tell_the_forecast()
    {
        var rows = Rows(40, seed: 2);
        var forecasts = Forecasts(rows);
        double error = 0, count = 0;
        for (var i = 4 * (Window - 1); i < rows.Length - 4 * Horizon; i++)
            for (var h = 0; h < Horizon; h++, count++) error += Math.Abs(forecasts[i][h] - rows[i + 4 * (h + 1)].Sales);
        NumberAssert.IsLessThan(0.7, error / count);
    }

    [TestMethod]
    public void Unknown_values_count_as_unknown_and_are_all_alike()
    {
        var rows = Rows(30);
        foreach (var row in rows) row.Kind = "never met";
        var first = Forecasts(rows);
        foreach (var row in rows) row.Kind = "nor this";
        var second = Forecasts(rows);
        for (var i = 0; i < rows.Length; i++) CollectionAssert.AreEqual(first[i], second[i]);
        // What is unknown is like the others on the whole: a forecast between theirs.
        Assert.IsTrue(first[^20][0] is > 9 and < 30);
    }

    [TestMethod]
    public void Several_columns_tell_series_apart_in_the_engine_too()
    {
        var rows = Rows(40);
        var expected = Forecasts(rows);
        using var engine = s_model.CreateForecastEngine(Forecaster.Context);
        foreach (var row in rows.Where(row => row.Time < 30)) engine.Observe(row);
        CollectionAssert.AreEqual(new[] { "north|1", "north|2", "south|1", "south|2" }, engine.Series.ToArray());
        var next = engine.Predict(Forecaster.Load(rows.Where(row => row.Time >= 30)), "south|1").Values;
        for (var h = 0; h < Horizon; h++) Assert.AreEqual(expected[29 * 4 + 2][h], next[h], 1e-3f);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentNullException>(() => engine.Predict(Forecaster.Load(rows))).Message,
            "joined by '|'");
    }

    [TestMethod]
    public void A_checkpoint_goes_on_with_its_categories()
    {
        var rows = Rows(40);
        using var engine = s_model.CreateForecastEngine(Forecaster.Context);
        engine.Observe(Forecaster.Load(rows.Where(row => row.Time < 30)));
        var path = Path.GetTempFileName();
        try
        {
            engine.CheckPoint(Forecaster.Context, path);
            using var again = new MLContext().Model.Load(path, out _).CreateForecastEngine(Forecaster.Context);
            var future = Forecaster.Load(rows.Where(row => row.Time >= 30));
            CollectionAssert.AreEqual(engine.Predict(future, "south|1").Values, again.Predict(future, "south|1").Values);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void The_graph_agrees_and_models_survive_their_file()
    {
        var manifest = s_model.Model.Manifest;
        ForecastEquality.Check(s_model.Model,
            network => new PointForecastHead(default, new(Window, Horizon, 1, s_model.Model.Manifest.Forecast!.SeasonLength, false), network),
            (random, input) => input.IsCategory ? random.Next(input.Vocabulary) : 10 * random.NextSingle());
        Assert.AreEqual(4, manifest.Forecast!.Categories.Length);
        CollectionAssert.AreEqual(new[] { "big", "small" }, manifest.Forecast.Categories.Single(category => category.Column == "Kind").Values);
        var rows = Rows(30);
        var (before, after) = (Forecasts(rows), Forecasts(rows, Forecaster.Reload(s_model, rows)));
        for (var i = 0; i < rows.Length; i++) CollectionAssert.AreEqual(before[i], after[i]);
    }

    /// <summary>A new shop of a new kind: known values keep their vectors, new ones begin as what is unknown and learn.</summary>
    [TestMethod]
    public void Fine_tuning_widens_the_categories()
    {
        List<string> told = [];
        var context = new MLContext(1);
        context.Log += (_, entry) => told.Add(entry.Message);
        var options = Options;
        (options.Network.Initialization.Model, options.Stopping.MaximumNumberOfEpochs, options.Network.Initialization.FrozenLayers) =
            (s_model.Model, 1, ["category_1", "category_2", "category_3", "category_4"]);
        // Known values come in another order, and after the new ones.
        var rows = Rows(60, seed: 4).Reverse().OrderBy(row => row.Time).ToArray();
        foreach (var row in rows.Where(row => row is { Region: "south", Shop: 2 })) (row.Shop, row.Kind, row.Sales) = (3, "huge", row.Sales + 20);
        var data = context.Data.LoadFromEnumerable(rows);
        var frozen = context.Forecasting.ForecastByRecurrentNetwork(options).Fit(data);
        var (before, after) = (s_model.Model.Manifest.Forecast!.Categories, frozen.Model.Manifest.Forecast!.Categories);
        CollectionAssert.AreEqual(new[] { "big", "small", "huge" }, after.Single(category => category.Column == "Kind").Values);
        CollectionAssert.AreEqual(new[] { "1", "2", "3" }, after.Single(category => category.Column == "Shop").Values);
        using var old = s_model.Model.ToNetwork();
        using var wide = frozen.Model.ToNetwork();
        for (var i = 0; i < after.Length; i++)
        {
            var name = old.Description.Categories[i].Name + ".weight";
            float[] known = old[name].Value.Span.ToArray(), widened = wide[name].Value.Span.ToArray();
            CollectionAssert.AreEqual(known, widened[..known.Length], name);
            if (after[i].Column is "Kind" or "Shop") CollectionAssert.AreEqual(known[..old.Description.Categories[i].Size], widened[known.Length..], name);
            else Assert.HasCount(known.Length, widened);
            CollectionAssert.AreEqual(before[i].Values, after[i].Values[..before[i].Values.Length]);
        }
        Assert.IsTrue(told.Any(message => message.Contains("does not know 1 of 3 values of the category 'Kind'", StringComparison.Ordinal)));

        (options.Stopping.MaximumNumberOfEpochs, options.Network.Initialization.FrozenLayers) = (30, []);
        var tuned = context.Forecasting.ForecastByRecurrentNetwork(options).Fit(data);
        NumberAssert.IsLessThan(2, Error("big", tuned));
        // Sales are about 20 higher for the new kind; where the level of the window tells, the old model is good too.
        NumberAssert.IsLessThan(Math.Max(0.5 * Error("huge", s_model), 0.1), Error("huge", tuned));
        ForecastEquality.Check(tuned.Model,
            network => new PointForecastHead(default, new(Window, Horizon, 1, tuned.Model.Manifest.Forecast!.SeasonLength, false), network),
            (random, input) => input.IsCategory ? random.Next(input.Vocabulary) : 10 * random.NextSingle());

        // Streamed data widen them alike.
        (options.Stopping.MaximumNumberOfEpochs, options.Series.MaximumRowsInMemory) = (1, 1000);
        CollectionAssert.AreEqual(after.SelectMany(category => category.Values).ToArray(),
            context.Forecasting.ForecastByRecurrentNetwork(options)
                .Fit(context.Data.LoadFromEnumerable(rows.OrderBy(row => row.Region).ThenBy(row => row.Shop))).Model.Manifest.Forecast!.Categories.SelectMany(
                    category => category.Values).ToArray());

        double Error(string kind, RecurrentForecastingTransformer model)
        {
            var forecasts = Forecasts(rows, model);
            return rows.Select((row, i) => (row, i)).Where(pair => pair.row.Kind == kind && pair.row.Time is >= Window and < 50)
                .Average(pair => Math.Abs(forecasts[pair.i][0]
                    - rows.First(row => row.Region == pair.row.Region && row.Shop == pair.row.Shop && row.Time == pair.row.Time + 1).Sales));
        }
    }

    [TestMethod]
    public void Fine_tuning_refuses_a_category_of_another_type()
    {
        var options = Options;
        options.Network.Initialization.Model = s_model.Model;
        var mapped = Forecaster.Context.Transforms.Conversion.MapValueToKey("Kind").Fit(Forecaster.Load(Rows(20)))
            .Transform(Forecaster.Load(Rows(20)));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Forecaster.Create(options).Fit(mapped)).Message, "a category of texts, as in training");
    }

    [TestMethod]
    public void Faults_are_named()
    {
        var unnamed = Options;
        unnamed.Series.SeriesColumnNames = ["Region", ""];
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Create(unnamed)).Message,
            "Input.SeriesColumnNames");
        var size = Options;
        size.Input.Features.CategoryEmbeddingSize = 0;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Forecaster.Create(size)).Message,
            "Input.Features.CategoryEmbeddingSize");
        var text = Options;
        (text.Input.InputColumnName, text.Input.StaticColumnNames) = ("Kind", []);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Forecaster.Fit(Rows(20), text)).Message, "'Kind' has the wrong type");
        var mapped = Forecaster.Context.Transforms.Conversion.MapValueToKey("Kind").Fit(Forecaster.Load(Rows(20)))
            .Transform(Forecaster.Load(Rows(20)));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => s_model.Transform(mapped)).Message,
            "a category of texts, as in training");
    }
}
