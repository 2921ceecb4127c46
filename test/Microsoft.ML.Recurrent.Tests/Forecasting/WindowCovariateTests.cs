using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Rows that hold windows, with all that rows that are series have: covariates, categories, statics, masks, logarithms.</summary>
[TestClass]
public sealed class WindowCovariateTests
{
    private const int Window = 6, Horizon = 3, Whole = Window + Horizon;
    private static readonly MLContext Context = new(1);
    private static RecurrentForecastingTransformer s_model = null!;

    private sealed class Step
    {
        public int Time { get; set; }
        public string Shop { get; set; } = "";
        public float Area { get; set; }
        public float Sales { get; set; }
        public float Visitors { get; set; }
        public string Weather { get; set; } = "";
        public float Price { get; set; }
        public int Promotion { get; set; }
    }

    private sealed class WindowRow
    {
        [VectorType(Window)] public float[] Past { get; set; } = [];
        [VectorType(Window)] public float[] Visitors { get; set; } = [];
        [VectorType(Window)] public string[] Weather { get; set; } = [];
        [VectorType(Whole)] public float[] Price { get; set; } = [];
        [VectorType(Whole)] public int[] Promotion { get; set; } = [];
        public string Shop { get; set; } = "";
        public float Area { get; set; }
        [VectorType(Horizon)] public float[] Sales { get; set; } = [];
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
        public float[] Lower { get; set; } = [];
    }

    private static RecurrentForecastingEstimator.Options Options => new()
    {
        Input = new WindowInputOptions
        {
            InputColumnName = "Past", LabelColumnName = "Sales", PastCovariateColumnNames = ["Visitors", "Weather"],
            FutureCovariateColumnNames = ["Price", "Promotion"], StaticColumnNames = ["Shop", "Area"], WindowSize = Window,
        },
        Horizon = Horizon,
        Network = { HiddenSize = 24 },
        Optimizer = { LearningRate = 1e-2f },
        Stopping = { MaximumNumberOfEpochs = 30 },
        Seed = 3,
        Normalization = { Window = WindowNormalization.None },
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.5f },
    };

    /// <summary>Sales that only the shop and the price and promotion of the same step tell.</summary>
    private static Step[] Steps(int length, float missing = 0, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).SelectMany(t => new[] { "a", "b" }, (t, shop) =>
        {
            var (price, promotion) = (5 + random.NextSingle(), random.Next(2) * 7);
            return new Step
            {
                Time = t, Shop = shop, Area = shop == "a" ? 3 : 4, Price = random.NextSingle() < missing ? float.NaN : price, Promotion = promotion,
                Visitors = random.NextSingle() < missing ? float.NaN : random.Next(9),
                Weather = random.Next(3) switch { 0 => "", 1 => "rain", _ => "sun" },
                Sales = random.NextSingle() < missing ? float.NaN : (shop == "a" ? 100 : 60) - 8 * price + promotion,
            };
        })];
    }

    private static IDataView Windows(IEnumerable<Step> steps, int stride = 1) =>
        Context.Data.CreateWindows(Context.Data.LoadFromEnumerable(steps), "Past", ["Sales"], Window, Horizon, stride, "Sales", "Shop", "Time",
        pastCovariateColumnNames: ["Visitors", "Weather"], futureCovariateColumnNames: ["Price", "Promotion"]);

    private static WindowRow[] Rows(IDataView windows) => [.. Context.Data.CreateEnumerable<WindowRow>(windows, false)];

    private static float[][] Forecasts(ITransformer model, IDataView rows) => [.. model.Transform(rows).GetColumn<float[]>("Forecast")];

    // Windows come series by series, and the last rows validate.
    private static IDataView Shuffled(IDataView rows) => Context.Data.ShuffleRows(Context.Data.Cache(rows), seed: 1, shufflePoolSize: 10_000);

    [ClassInitialize]
    public static void Train(TestContext _) => s_model = Context.Forecasting.ForecastByRecurrentNetwork(Options).Fit(Shuffled(Windows(Steps(300))));

    [TestMethod]
    public void Windows_hold_what_is_named()
    {
        var steps = Steps(20);
        var windows = Windows(steps, stride: 2);
        Assert.AreEqual("Vector<Single, 9>, Vector<Int32, 9>, Vector<Single, 6>, Vector<String, 6>",
            string.Join(", ", new[] { "Price", "Promotion", "Visitors", "Weather" }.Select(name => windows.Schema[name].Type)));
        var rows = Rows(windows);
        Assert.HasCount(12, rows);
        var shop = steps.Where(step => step.Shop == "b").ToArray();
        for (var i = 0; i < 6; i++)
        {
            var row = rows[6 + i];
            CollectionAssert.AreEqual(shop[(2 * i)..(2 * i + Window)].Select(step => step.Sales).ToArray(), row.Past);
            CollectionAssert.AreEqual(shop[(2 * i)..(2 * i + Window)].Select(step => step.Visitors).ToArray(), row.Visitors);
            CollectionAssert.AreEqual(shop[(2 * i)..(2 * i + Window)].Select(step => step.Weather).ToArray(), row.Weather);
            CollectionAssert.AreEqual(shop[(2 * i)..(2 * i + Whole)].Select(step => step.Price).ToArray(), row.Price);
            CollectionAssert.AreEqual(shop[(2 * i)..(2 * i + Whole)].Select(step => step.Promotion).ToArray(), row.Promotion);
            CollectionAssert.AreEqual(shop[(2 * i + Window)..(2 * i + Whole)].Select(step => step.Sales).ToArray(), row.Sales);
            Assert.AreEqual(("b", 4f), (row.Shop, row.Area));
        }
    }

    [TestMethod]
    public void Keys_keep_their_values_in_windows()
    {
        var keys = Context.Transforms.Conversion.MapValueToKey("Weather").Fit(Context.Data.LoadFromEnumerable(Steps(20)))
            .Transform(Context.Data.LoadFromEnumerable(Steps(20)));
        var windows = Context.Data.CreateWindows(keys, "Past", ["Sales"], Window, Horizon, labelColumnName: "Sales", seriesColumnName: "Shop",
            timeColumnName: "Time", pastCovariateColumnNames: ["Weather"]);
        var texts = Context.Transforms.Conversion.MapKeyToValue("Weather").Fit(windows).Transform(windows).GetColumn<string[]>("Weather").ToArray();
        var expected = Windows(Steps(20)).GetColumn<string[]>("Weather").ToArray();
        for (var i = 0; i < texts.Length; i++) CollectionAssert.AreEqual(expected[i], texts[i]);
    }

    [TestMethod]
    public void Windows_take_numbers_and_categories_of_every_type()
    {
        var rows = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 60)
            .Select(i => new Typed { Value = Math.Sin(i), Open = i % 2 == 0, Vector = [i, -i], Level = (sbyte)(i % 3 - 1), Count = i }));
        var windows = Context.Data.CreateWindows(rows, "Past", ["Value", "Count"], Window, Horizon, 1, "Value", pastCovariateColumnNames: ["Vector"],
            futureCovariateColumnNames: ["Open", "Level"]);
        Assert.AreEqual("Vector<Boolean, 9>, Vector<SByte, 9>, Vector<Double, 6, 2>",
            string.Join(", ", new[] { "Open", "Level", "Vector" }.Select(name => windows.Schema[name].Type)));
        var model = Context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new WindowInputOptions
            {
                InputColumnName = "Past", LabelColumnName = "Value", PastCovariateColumnNames = ["Vector"], FutureCovariateColumnNames = ["Open", "Level"],
                WindowSize = Window,
            },
            Horizon = Horizon,
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 1 },
        }).Fit(windows);
        CollectionAssert.AreEqual(new[] { "1", "0", "-1", "0", "1" },
            model.Model.Manifest.Forecast!.Categories.SelectMany(category => category.Values).ToArray());
        var expected = Forecasts(model, windows);
        // Doubles do where Single was learned from.
        using var engine = Context.Model.CreatePredictionEngine<TypedWindow, ForecastOnly>(model);
        var first = engine.Predict(new()
        {
            Past = [.. Enumerable.Range(0, Window).SelectMany(i => new[] { Math.Sin(i), i })],
            Vector = [.. Enumerable.Range(0, Window).SelectMany(i => new double[] { i, -i })],
            Open = [.. Enumerable.Range(0, Whole).Select(i => i % 2 == 0)], Level = [.. Enumerable.Range(0, Whole).Select(i => (sbyte)(i % 3 - 1))],
        });
        TestModels.AssertClose(expected[0], first.Forecast, "engine");
    }

    private sealed class Typed
    {
        public double Value { get; set; }
        public int Count { get; set; }
        public bool Open { get; set; }
        [VectorType(2)] public double[] Vector { get; set; } = [];
        public sbyte Level { get; set; }
    }

    private sealed class TypedWindow
    {
        [VectorType(Window, 2)] public double[] Past { get; set; } = [];
        [VectorType(Window, 2)] public double[] Vector { get; set; } = [];
        [VectorType(Whole)] public bool[] Open { get; set; } = [];
        [VectorType(Whole)] public sbyte[] Level { get; set; } = [];
        [VectorType(Horizon)] public float[] Value { get; set; } = [];
    }

    private sealed class ForecastOnly
    {
        public float[] Forecast { get; set; } = [];
    }

    [TestMethod]
    public void What_is_known_ahead_and_the_row_is_used()
    {
        var manifest = s_model.Model.Manifest;
        Assert.AreEqual("Past, Visitors, Price, Weather, Promotion, Area, Shop, Price.Future, Promotion.Future",
            string.Join(", ", manifest.Inputs.Select(input => input.Name)));
        var rows = Windows(Steps(80, seed: 2));
        var forecasts = Forecasts(s_model, rows);
        var truth = rows.GetColumn<float[]>("Sales").ToArray();
        var error = forecasts.Zip(truth, (f, t) => f.Zip(t, (x, y) => Math.Abs(x - y)).Average()).Average();
        // Without prices and promotions it would be about 4.
        NumberAssert.IsLessThan(1.2, error);
    }

    [TestMethod]
    public void Rows_are_scored_one_by_one_and_models_survive_their_file()
    {
        var windows = Windows(Steps(40, seed: 3));
        var expected = Forecasts(s_model, windows);
        using var file = new MemoryStream();
        Context.Model.Save(s_model, windows.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        var again = Forecasts(loaded, windows);
        using var engine = Context.Model.CreatePredictionEngine<WindowRow, Answer>(loaded);
        var rows = Rows(windows);
        for (var i = 0; i < rows.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i], again[i]);
            if (i < 10) TestModels.AssertClose(expected[i], engine.Predict(rows[i]).Forecast, $"row {i}");
        }
        // A value of any category that training never met is an unknown one.
        (rows[0].Shop, rows[0].Promotion[^1], rows[0].Weather[0]) = ("c", 99, "hail");
        Assert.IsTrue(engine.Predict(rows[0]).Forecast.All(float.IsFinite));
        rows[0].Price = rows[0].Price[..^1];
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => engine.Predict(rows[0])).Message,
            "The future covariate column 'Price' of the given row holds 8 numbers, but 9 are needed");
    }

    [TestMethod]
    public void Folds_can_be_trained_and_scored()
    {
        var options = Options;
        options.Stopping.MaximumNumberOfEpochs = 2;
        foreach (var fold in Context.Data.CrossValidationSplit(Windows(Steps(60)), numberOfFolds: 3, seed: 1))
        {
            var forecasts = Forecasts(Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(fold.TrainSet), fold.TestSet);
            Assert.IsTrue(forecasts.All(forecast => forecast.All(float.IsFinite)));
        }
    }

    [TestMethod]
    [DataRow(ForecastStrategy.Direct, WindowNormalization.LastValue, 0f)]
    [DataRow(ForecastStrategy.Direct, WindowNormalization.Standard, 0.2f)]
    [DataRow(ForecastStrategy.EncoderDecoder, WindowNormalization.None, 0.2f)]
    [DataRow(ForecastStrategy.Recursive, WindowNormalization.LastValue, 0.2f)]
    public void The_graph_agrees(ForecastStrategy strategy, WindowNormalization normalization, float missing)
    {
        var options = Options;
        (options.Decoding.Strategy, options.Normalization.Window, options.Stopping.MaximumNumberOfEpochs, options.Output.ConfidenceLowerBoundColumn,
            options.Output.ConfidenceUpperBoundColumn) =
            (strategy, normalization, 1, null, null);
        if (strategy is ForecastStrategy.Recursive) options.Input.PastCovariateColumnNames = [];
        var windows = Windows(Steps(60, missing));
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(windows);
        Assert.AreEqual(missing > 0, model.Model.Description.AllowsMissing);
        Assert.AreEqual(missing > 0 && strategy is not ForecastStrategy.Recursive ? 1 : 0, model.Model.Description.FutureMasks);
        ForecastEquality.Check(model.Model,
            network => new PointForecastHead(default, new(Window, Horizon, 1, model.Model.Manifest.Forecast!.SeasonLength, false), network),
            (random, input) => input.IsCategory ? random.Next(input.Vocabulary) : missing > 0 && random.Next(4) == 0 ? float.NaN : 10 * random.NextSingle());
        Assert.IsTrue(Forecasts(model, windows).All(forecast => forecast.All(float.IsFinite)));
    }

    [TestMethod]
    [DataRow(LikelihoodName.Quantiles, ForecastStrategy.Direct)]
    [DataRow(LikelihoodName.Gaussian, ForecastStrategy.EncoderDecoder)]
    [DataRow(LikelihoodName.StudentT, ForecastStrategy.Direct)]
    public void Two_targets_and_a_third_number_beside_them_have_distributions(LikelihoodName likelihood, ForecastStrategy strategy)
    {
        var steps = Context.Transforms.Concatenate("Both", "Sales", "Visitors").Fit(Context.Data.LoadFromEnumerable(Steps(80, missing: 0.1f)))
            .Transform(Context.Data.LoadFromEnumerable(Steps(80, missing: 0.1f)));
        var windows = Context.Data.CreateWindows(steps, "Past", ["Both", "Area"], Window, Horizon, 1, "Both", "Shop", "Time", ["Weather"], ["Price"]);
        Assert.AreEqual("Vector<Single, 6, 3>", windows.Schema["Past"].Type.ToString());
        var options = Options;
        options.Input = new WindowInputOptions
        {
            InputColumnName = "Past", LabelColumnName = "Both", PastCovariateColumnNames = ["Weather"], FutureCovariateColumnNames = ["Price"],
            StaticColumnNames = ["Shop"], WindowSize = Window,
        };
        (options.Likelihood, options.Decoding.Strategy, options.Stopping.MaximumNumberOfEpochs) = (likelihood.ToOption(), strategy, 1);
        using var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(windows);
        CollectionAssert.AreEqual(new[] { "Past[0]", "Past[1]" }, model.Model.Manifest.Forecast!.Targets.ToArray());
        var answers = Context.Data.CreateEnumerable<Answer>(model.Transform(windows), false).ToArray();
        foreach (var answer in answers)
        {
            Assert.HasCount(2 * Horizon, answer.Forecast);
            for (var i = 0; i < answer.Forecast.Length; i++) Assert.IsTrue(answer.Lower[i] <= answer.Forecast[i], $"{answer.Lower[i]} {answer.Forecast[i]}");
        }
    }

    [TestMethod]
    public void Half_precision_is_measured_by_rows_that_hold_windows()
    {
        using var file = new MemoryStream();
        var report = s_model.Model.ExportToOnnx(file, new() { Precision = OnnxPrecision.Half, EvaluationData = Windows(Steps(30, seed: 5)) });
        Assert.AreEqual(44, report.Rows);
    }

    [TestMethod]
    public void A_column_of_the_horizon_alone_will_do()
    {
        var options = Options;
        (options.Input.PastCovariateColumnNames, options.Input.FutureCovariateColumnNames, options.Input.StaticColumnNames) =
            ([], ["Price", "Promo"], ["Shop"]);
        var rows = Rows(Windows(Steps(200))).Select(Horizons).ToArray();
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Shuffled(Context.Data.LoadFromEnumerable(rows)));
        Assert.AreEqual("Past, Shop, Price, Promo", string.Join(", ", model.Model.Manifest.Inputs.Select(input => input.Name)));
        var forecasts = Forecasts(model, Context.Data.LoadFromEnumerable(rows));
        NumberAssert.IsLessThan(1.5, forecasts.Zip(rows, (forecast, row) => forecast.Zip(row.Sales, (f, t) => Math.Abs(f - t)).Average()).Average());
        ForecastEquality.Check(model.Model,
            network => new PointForecastHead(default, ForecastHeadOptions.Create(model.Model.Manifest.Forecast!), network),
            (random, input) => input.IsCategory ? random.Next(input.Vocabulary) : 10 * random.NextSingle());
        using var engine = Context.Model.CreatePredictionEngine<HorizonRow, Answer>(model);
        TestModels.AssertClose(forecasts[7], engine.Predict(rows[7]).Forecast, "engine");
        options.Decoding.Strategy = ForecastStrategy.Recursive;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Context.Forecasting.ForecastByRecurrentNetwork(options)
            .Fit(Context.Data.LoadFromEnumerable(rows))).Message, "need Input.WindowSize + Horizon steps");
    }

    private sealed class HorizonRow
    {
        [VectorType(Window)] public float[] Past { get; set; } = [];
        [VectorType(Horizon)] public float[] Price { get; set; } = [];
        [VectorType(Horizon)] public float[] Promo { get; set; } = [];
        public string Shop { get; set; } = "";
        [VectorType(Horizon)] public float[] Sales { get; set; } = [];
    }

    private static HorizonRow Horizons(WindowRow row) => new()
    {
        Past = row.Past, Price = row.Price[Window..],
        Promo = [.. row.Promotion[Window..].Select(value => (float)value)], Shop = row.Shop, Sales = row.Sales
    };

    [TestMethod]
    public void Windows_with_holes_are_learned()
    {
        var options = Options;
        var windows = Windows(Steps(300, missing: 0.2f));
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Shuffled(windows));
        Assert.IsTrue(model.Model.Description is { AllowsMissing: true, MasksMissing: true, FutureMasks: 1 });
        var rows = Rows(Windows(Steps(60, seed: 2)));
        var error = Forecasts(model, Context.Data.LoadFromEnumerable(rows))
            .Zip(rows, (forecast, row) => forecast.Zip(row.Sales, (f, t) => Math.Abs(f - t)).Average()).Average();
        NumberAssert.IsLessThan(2.5, error);
        // A window without any target has no forecast; infinite numbers are none.
        rows[0].Past.AsSpan().Fill(float.NaN);
        (rows[1].Past[0], rows[2].Past[0]) = (float.NaN, float.PositiveInfinity);
        rows[2].Past.AsSpan(1).Fill(float.NaN);
        var forecasts = Forecasts(model, Context.Data.LoadFromEnumerable(rows));
        CollectionAssert.AreEqual(new[] { true, false, true }, forecasts[..3].Select(forecast => float.IsNaN(forecast[0])).ToArray());
    }

    [TestMethod]
    public void Labels_with_holes_count_for_what_they_hold()
    {
        var options = Options;
        options.Stopping.MaximumNumberOfEpochs = 2;
        var rows = Rows(Windows(Steps(60)));
        rows[5].Sales[1] = float.NaN;
        rows[6].Sales.AsSpan().Fill(float.NaN);
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(rows));
        Assert.IsTrue(model.Model.Description.AllowsMissing);
        Assert.IsTrue(model.Model.History.Epochs.All(epoch => double.IsFinite(epoch.Loss)));
        options.MissingValues.Handling = MissingValueHandling.Refuse;
        StringAssert.Contains(Fault(rows, options), "Row 5 of the label column 'Sales' holds NaN at step 1");
        foreach (var row in rows) row.Sales.AsSpan().Fill(float.NaN);
        options.MissingValues.Handling = MissingValueHandling.Auto;
        StringAssert.Contains(Fault(rows, options), "No row has a target both in its window and in its label");
    }

    private static string Fault(IEnumerable<WindowRow> rows, RecurrentForecastingEstimator.Options options) =>
        Assert.Throws<ArgumentException>(() => Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(rows))).Message;

    [TestMethod]
    public void Logarithms_are_taken_in_the_graph()
    {
        var options = Options;
        (options.Normalization.TargetTransform, options.Normalization.Window, options.Stopping.Patience) =
            (TargetTransform.Log, WindowNormalization.LastValue, 10);
        var rows = Rows(Windows(Steps(200)));
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Shuffled(Context.Data.LoadFromEnumerable(rows)));
        using (var network = model.Model.ToNetwork()) Assert.AreEqual(Math.Log(36), network["input.mean"].Value[0], 0.5);
        var error = Forecasts(model, Context.Data.LoadFromEnumerable(rows))
            .Zip(rows, (forecast, row) => forecast.Zip(row.Sales, (f, t) => Math.Abs(f - t)).Average()).Average();
        NumberAssert.IsLessThan(2, error);
        ForecastEquality.Check(model.Model,
            network => new PointForecastHead(default, ForecastHeadOptions.Create(model.Model.Manifest.Forecast!), network),
            (random, input) => input.IsCategory ? random.Next(input.Vocabulary) : 1 + 10 * random.NextSingle());
        rows[3].Past[4] = 0;
        StringAssert.Contains(Fault(rows, options), "Row 3 of the input column 'Past' holds 0 at step 4, which has no logarithm: Log1p takes zeros");
    }

    [TestMethod]
    public void A_pipeline_becomes_one_graph()
    {
        var options = Options;
        (options.Stopping.MaximumNumberOfEpochs, options.Input.FutureCovariateColumnNames) = (1, ["Price", "Promotion"]);
        var rows = Rows(Windows(Steps(60)));
        var data = Context.Data.LoadFromEnumerable(rows);
        // ML.NET's own nodes know texts, keys and numbers.
        var pipeline = Context.Transforms.NormalizeMinMax("Visitors").Append(Context.Transforms.Conversion.MapValueToKey("Weather"))
            .Append(Context.Forecasting.ForecastByRecurrentNetwork(options));
        var model = pipeline.Fit(data);
        using var stream = new MemoryStream();
        Context.Model.ConvertToOnnx(model, data, stream);
        using var session = new InferenceSession(stream.ToArray());
        using var run = new RunOptions();
        using var results = session.Run(run, Inputs(), ["Forecast.output", "Lower.output"]);
        var answers = Context.Data.CreateEnumerable<Answer>(model.Transform(data), false).ToArray();
        TestModels.AssertClose([.. answers.SelectMany(answer => answer.Forecast)], results[0].GetTensorDataAsSpan<float>().ToArray(), "forecasts");
        TestModels.AssertClose([.. answers.SelectMany(answer => answer.Lower)], results[1].GetTensorDataAsSpan<float>().ToArray(), "bounds");

        Dictionary<string, OrtValue> Inputs() => new()
        {
            ["Past"] = Numbers(row => row.Past), ["Visitors"] = Numbers(row => row.Visitors), ["Price"] = Numbers(row => row.Price),
            ["Area"] = Numbers(row => [row.Area]), ["Sales"] = Numbers(row => row.Sales),
            ["Promotion"] = OrtValue.CreateTensorValueFromMemory(rows.SelectMany(row => row.Promotion).ToArray(), [rows.Length, Whole]),
            ["Weather"] = Texts(row => row.Weather), ["Shop"] = Texts(row => [row.Shop]),
        };

        OrtValue Numbers(Func<WindowRow, float[]> of) => OrtValue.CreateTensorValueFromMemory(rows.SelectMany(of).ToArray(), [rows.Length, of(rows[0]).Length]);

        OrtValue Texts(Func<WindowRow, string[]> of) =>
            OrtValue.CreateFromStringTensor(new OnnxRuntime.Tensors.DenseTensor<string>(rows.SelectMany(of).ToArray(), [rows.Length, of(rows[0]).Length]));
    }

    [TestMethod]
    public void Fine_tuning_keeps_the_values_that_the_model_knows()
    {
        var options = Options;
        (options.Network.Initialization.Model, options.Stopping.MaximumNumberOfEpochs) = (s_model.Model, 1);
        var steps = Steps(40, seed: 4);
        foreach (var step in steps) step.Shop = step.Shop == "a" ? "c" : "b";
        var tuned = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Windows(steps));
        // Those come first; new ones follow.
        Assert.AreEqual("rain, sun; 0, 7; a, b, c",
            string.Join("; ", tuned.Model.Manifest.Forecast!.Categories.Select(category => string.Join(", ", category.Values.Order()))));
        foreach (var category in s_model.Model.Manifest.Forecast!.Categories)
            CollectionAssert.AreEqual(category.Values.ToArray(),
                tuned.Model.Manifest.Forecast!.Categories.Single(other => other.Column == category.Column).Values[..category.Values.Length].ToArray());
    }

    [TestMethod]
    public void Faults_are_named()
    {
        var rows = Rows(Windows(Steps(30)));
        Check(options => options.Input.PastCovariateColumnNames = ["Price"],
            "The input column 'Price' has the wrong type: expected Vector<Single, 6>, Vector<Single, 6, k> or 6 texts", "found Vector<Single, 9>");
        Check(options => options.Input.FutureCovariateColumnNames = ["Visitors"],
            "The future covariate column 'Visitors' has the wrong type: expected Vector<Single, 9>", "or numbers of 3 steps, found Vector<Single, 6>");
        Check(options => options.Input.FutureCovariateColumnNames = ["Weather"], "'Weather' has the wrong type", "found Vector<String, 6>");
        Check(options => options.Input.InputColumnName = "Weather", "'Weather' has the wrong type: expected Vector<Single, 6>");
        Check(options => options.Input.StaticColumnNames = ["Sales", "Shops"], "Could not find the static column 'Shops'. Did you mean 'Shop'");
        Check(options => options.Input.FutureCovariateColumnNames = ["Shop"], "'Shop' has the wrong type", "found");
        Check(options => options.MissingValues.MinimumHistory = 3, "The option MissingValues.MinimumHistory is for rows that are time steps");
        Check(options => options.MissingValues.FillTimeGaps = true, "The option MissingValues.FillTimeGaps is for rows that are time steps");
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => s_model.Transform(Context.Data.LoadFromEnumerable(rows.Select(Horizons)))).Message,
            "'Visitors'");
        var steps = Context.Data.LoadFromEnumerable(Steps(30));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(
            () => Context.Data.CreateWindows(steps, "Past", ["Sales"], 6, futureCovariateColumnNames: ["Price"])).Message, "need a horizon");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Context.Data.CreateWindows(steps, "Past", ["Sales"], 6, 3, 1, "Sales",
            pastCovariateColumnNames: ["Price"], futureCovariateColumnNames: ["Price"])).Message, "'Price'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Context.Data.CreateWindows(steps, "Past", ["Sales"], 6, 3, 1, "Sales",
            pastCovariateColumnNames: ["Prize"])).Message, "Could not find the covariate column 'Prize'");

        void Check(Action<RecurrentForecastingEstimator.Options> change, params string[] parts)
        {
            var options = Options;
            change(options);
            if (options.Input.PastCovariateColumnNames.Length == 1) options.Input.FutureCovariateColumnNames = [];
            if (options.Input.FutureCovariateColumnNames.Length == 1) options.Input.PastCovariateColumnNames = [];
            if (options.Input.InputColumnName == "Weather") options.Input.PastCovariateColumnNames = [];
            if (options.Input.FutureCovariateColumnNames is ["Shop"]) options.Input.StaticColumnNames = [];
            var message = Fault(rows, options);
            foreach (var part in parts) StringAssert.Contains(message, part);
        }
    }
}
