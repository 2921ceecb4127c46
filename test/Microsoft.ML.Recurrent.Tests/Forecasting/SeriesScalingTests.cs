using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Levels and scales of whole series: where they come from, that they are undone in every answer, and what becomes of series without them.</summary>
[TestClass]
public sealed partial class SeriesScalingTests
{
    private const int Window = 12, Horizon = 3, Length = 90;
    private static readonly ForecasterFixture<Row, Answer> Forecaster = new(() => Options);

    private sealed class Row
    {
        public string Name { get; set; } = "";
        public string Region { get; set; } = "";
        public int Shop { get; set; }
        public float Time { get; set; }
        public float Value { get; set; }
        public float Past { get; set; }
        public float Other { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
        public float[] Lower { get; set; } = [];
        public float[] Upper { get; set; } = [];
        public float[] Low { get; set; } = [];
        public float[] Deviation { get; set; } = [];
    }

    private static readonly string[] Names = ["a", "b", "c", "d"];

    private static RecurrentForecastingEstimator.Options Options => new()
    {
        Input = new SeriesInputOptions
        {
            InputColumnName = "Value", FutureCovariateColumnNames = ["Other"], SeriesColumnNames = ["Name"], TimeColumnName = "Time", WindowSize = Window,
        },
        Horizon = Horizon,
        Network = { HiddenSize = 8 },
        Optimizer = { LearningRate = 1e-2f },
        Stopping = { MaximumNumberOfEpochs = 2, ValidationFraction = 0.2f },
        Seed = 3,
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.8f },
        Normalization = { Scope = NormalizationScope.Series },
        NumberOfThreads = 1,
    };

    /// <summary>Series of one form, each on a level and a spread of its own, one after the other.</summary>
    private static Row[] Rows(int length = Length, float missing = 0, int seed = 1, string[]? names = null)
    {
        var random = new Random(seed);
        return [.. from name in names ?? Names
                   from t in Enumerable.Range(0, length)
                   let size = 1 + 3 * (name[0] - 'a')
                   let value = size * (3 + MathF.Sin(t * MathF.Tau / 6) + 0.3f * random.NextSingle())
                   select new Row
                   {
                       Name = name, Region = name[0] < 'c' ? "n" : "s", Shop = name[0] % 2, Time = t, Value = random.NextSingle() < missing ? float.NaN : value,
                       Past = size * (t % 7 + 1), Other = t % 5,
                   }];
    }

    private static WindowNormalization[] Kinds => [.. Enum.GetValues<WindowNormalization>().Except([WindowNormalization.None])];

    public static IEnumerable<object[]> Forms =>
        from normalization in Kinds
        from transform in new[] { TargetTransform.None, TargetTransform.Log }
        from missing in new[] { false, true }
        from key in new[] { false, true }
        select new object[] { normalization, transform, missing, key };

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void The_graph_agrees(WindowNormalization normalization, TargetTransform transform, bool missing, bool key)
    {
        var options = Options;
        (options.Normalization.Window, options.Normalization.TargetTransform, options.Stopping.MaximumNumberOfEpochs, options.Input.PastCovariateColumnNames) =
            (normalization, transform, 1, ["Past"]);
        if (!key) options.Series.SeriesColumnNames = [];
        var rows = Rows(missing: missing ? 0.2f : 0, names: key ? null : ["b"]);
        var model = Forecaster.Fit(rows, options).Model;
        Assert.AreEqual(key ? 5 : 1, model.Description.SeriesScaling!.Series);
        Assert.AreEqual(key ? "Name.Series" : null, model.Manifest.SeriesInput?.Name);
        Check(model, LikelihoodName.Point, missing);
    }

    public static IEnumerable<object[]> Strategies =>
        from strategy in Enum.GetValues<ForecastStrategy>()
        from likelihood in Enum.GetValues<LikelihoodName>()
        from normalization in Kinds
        where normalization != WindowNormalization.Difference || likelihood != LikelihoodName.NegativeBinomial || strategy != ForecastStrategy.Recursive
        select new object[] { strategy, likelihood, normalization };

    [TestMethod]
    [DynamicData(nameof(Strategies))]
    public void The_graph_agrees_whatever_the_strategy(ForecastStrategy strategy, LikelihoodName likelihood, WindowNormalization normalization)
    {
        var options = Options;
        (options.Decoding.Strategy, options.Likelihood, options.Normalization.Window, options.Stopping.MaximumNumberOfEpochs) =
            (strategy, likelihood.ToOption(), normalization, 1);
        var rows = Rows();
        if (likelihood is LikelihoodName.NegativeBinomial) foreach (var row in rows) row.Value = MathF.Round(row.Value);
        Check(Forecaster.Fit(rows, options).Model, likelihood, missing: false);
    }

    private static void Check(RecurrentModel model, LikelihoodName likelihood, bool missing)
    {
        var shape = ForecastHeadOptions.Create(model.Manifest.Forecast!);
        var (step, none) = (0, false);
        ForecastEquality.Check(model, network => ForecastHead.Create(likelihood.Create([], shape.Bounds ? 0.8f : null), default, [], false, shape, network),
            (random, input) =>
        {
            if (step++ % Window == 0) none = random.Next(5) == 0;
            return missing && (none || random.Next(3) == 0) ? float.NaN : 1 + 2 * random.NextSingle();
        });
    }

    public static IEnumerable<object[]> Answered =>
        from strategy in Enum.GetValues<ForecastStrategy>()
        from likelihood in new[] { LikelihoodName.Point, LikelihoodName.Gaussian, LikelihoodName.Quantiles }
        from normalization in Kinds
        select new object[] { strategy, likelihood, normalization };

    /// <summary>A series in another unit is forecast in that unit, and the others are forecast as before.</summary>
    [TestMethod]
    [DynamicData(nameof(Answered))]
    public void A_series_times_1000_is_forecast_times_1000(ForecastStrategy strategy, LikelihoodName likelihood, WindowNormalization normalization)
    {
        var options = Options;
        (options.Decoding.Strategy, options.Likelihood, options.Normalization.Window) = (strategy, likelihood.ToOption(), normalization);
        if (likelihood is LikelihoodName.Gaussian) options.Output.StandardDeviationColumnName = "Deviation";
        // At a rate of .01, training on the covariates amplifies a relative change of 1e-6 of a series to 1e-2 of its forecasts.
        if (likelihood is LikelihoodName.Gaussian || strategy is ForecastStrategy.Direct) options.Optimizer.LearningRate = 1e-3f;
        if (likelihood is not LikelihoodName.Point) options.Output.QuantileColumnNames = new Dictionary<double, string> { [0.25] = "Low" };
        var rows = Rows();
        var before = Forecaster.Forecast(Forecaster.Fit(rows, options), rows);
        foreach (var row in rows.Where(row => row.Name == "c")) row.Value *= 1000;
        var after = Forecaster.Forecast(Forecaster.Fit(rows, options), rows);
        var checkedRows = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            if (float.IsNaN(before[i].Forecast[0])) continue;
            checkedRows++;
            var factor = rows[i].Name == "c" ? 1000f : 1;
            foreach (var (expected, actual) in new[] { (before[i].Forecast, after[i].Forecast), (before[i].Lower, after[i].Lower),
                (before[i].Upper, after[i].Upper), (before[i].Low, after[i].Low), (before[i].Deviation, after[i].Deviation) })
                for (var h = 0; h < expected.Length; h++) Assert.AreEqual(factor * expected[h], actual[h], 2e-3f * factor * 7, $"row {i}");
        }
        NumberAssert.IsGreaterThan(200, checkedRows);
    }

    public static IEnumerable<object[]> KindsAlone => Kinds.Select(kind => new object[] { kind });

    [TestMethod]
    [DataRow(ForecastStrategy.Direct, WindowNormalization.Difference)]
    [DataRow(ForecastStrategy.Direct, WindowNormalization.LastValue)]
    [DataRow(ForecastStrategy.Recursive, WindowNormalization.Robust)]
    [DataRow(ForecastStrategy.EncoderDecoder, WindowNormalization.Standard)]
    public void Rows_to_come_change_no_forecast(ForecastStrategy strategy, WindowNormalization normalization)
    {
        var options = Options;
        (options.Decoding.Strategy, options.Normalization.Window, options.Input.FutureCovariateColumnNames, options.Stopping.MaximumNumberOfEpochs) =
            (strategy, normalization, [], 1);
        var model = Forecaster.Fit(Rows(), options);
        var rows = Rows(60, seed: 2, names: ["b", "new"]);
        var before = Forecaster.Forecast(model, rows);
        foreach (var row in rows.Where(row => row.Time >= 40)) row.Value = 1e5f;
        var after = Forecaster.Forecast(model, rows);
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i].Time < 40) CollectionAssert.AreEqual(before[i].Upper, after[i].Upper);
            else CollectionAssert.AreNotEqual(before[i].Upper, after[i].Upper);
        }
    }

    /// <summary>A series that training did not meet is forecast by its windows' own figures: in its own unit, and about as well.</summary>
    [TestMethod]
    [DynamicData(nameof(KindsAlone))]
    public void Unknown_series_are_scaled_by_their_windows(WindowNormalization normalization)
    {
        var options = Options;
        (options.Normalization.Window, options.Stopping.MaximumNumberOfEpochs) = (normalization, 10);
        var model = Forecaster.Fit(Rows(150), options);
        var rows = Rows(60, seed: 9, names: ["b"]);
        foreach (var row in rows) row.Name = "cold";
        var answers = Forecaster.Forecast(model, rows);
        double error = 0, naive = 0;
        for (var i = Window - 1; i < rows.Length - Horizon; i++)
        {
            for (var h = 0; h < Horizon; h++)
            {
                error += Math.Abs(answers[i].Forecast[h] - rows[i + h + 1].Value);
                naive += Math.Abs(rows[i].Value - rows[i + h + 1].Value);
            }
        }
        NumberAssert.IsLessThan(0.5 * naive, error);
        foreach (var row in rows) (row.Name, row.Value) = ("colder", 1e4f * row.Value);
        var great = Forecaster.Forecast(model, rows);
        for (var i = Window - 1; i < rows.Length - Horizon; i++)
        {
            for (var h = 0; h < Horizon; h++)
            {
                Assert.AreEqual(1e4f * answers[i].Forecast[h], great[i].Forecast[h], 1e-2f * great[i].Forecast[h]);
                Assert.AreEqual(1e4f * answers[i].Upper[h], great[i].Upper[h], 1e-2f * great[i].Upper[h]);
            }
        }
    }

    [TestMethod]
    public void A_file_an_engine_and_a_checkpoint_know_the_series()
    {
        var options = Options;
        (options.Normalization.Window, options.Input.FutureCovariateColumnNames) = (WindowNormalization.Standard, []);
        var rows = Rows();
        var model = Forecaster.Fit(rows, options);
        var data = Forecaster.Load(rows);
        Row[] mixed =
            [.. rows.Where(row => row.Name == "b").SelectMany(row => new[] { row, new Row { Name = "new", Time = row.Time, Value = 40 * row.Value } })];
        var expected = Forecaster.Forecast(model, mixed);
        StringAssert.Contains(model.Model.Summary(), "series (Standard by series)");
        using var stream = new MemoryStream();
        Forecaster.Context.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        var loaded = Forecaster.Context.Model.Load(stream, out _);
        var again = Forecaster.Forecast(loaded, mixed);
        for (var i = 0; i < mixed.Length; i++) CollectionAssert.AreEqual(expected[i].Upper, again[i].Upper);

        using var engine = loaded.CreateForecastEngine(Forecaster.Context);
        engine.Observe(Forecaster.Load(mixed[..^2]));
        var path = Path.GetTempFileName();
        try
        {
            engine.CheckPoint(Forecaster.Context, path);
            using var next = Forecaster.Context.Model.Load(path, out _).CreateForecastEngine(Forecaster.Context);
            foreach (var one in new[] { engine, next })
            {
                one.Observe(mixed[^2]);
                one.Observe(mixed[^1]);
                Same([.. expected[^2].Forecast], one.Predict("b").Values);
                Same([.. expected[^1].Forecast], one.Predict("new").Values);
                Assert.HasCount(2 * Horizon, one.Predict("b", 2 * Horizon).Values);
                var all = one.PredictAll();
                foreach (var name in (string[])["b", "new"]) Same(one.Predict(name).Values, all[name].Values);
            }
        }
        finally
        {
            File.Delete(path);
        }

        static void Same(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
        {
            for (var h = 0; h < Horizon; h++) Assert.AreEqual(expected[h], actual[h], 1e-4f * expected[h]);
        }
    }

    [TestMethod]
    public void A_backtest_refits_with_the_figures_of_its_own_rows()
    {
        var options = Options;
        (options.Input.FutureCovariateColumnNames, options.Stopping.MaximumNumberOfEpochs) = ([], 1);
        var rows = Rows();
        var test = new BackTestOptions
        {
            TargetColumnName = "Value", Horizon = Horizon, TimeColumnName = "Time", SeriesColumnName = "Name", NumberOfOrigins = 2,
            Stride = 5, RefitEvery = 1, Baselines = []
        };
        var before = Run();
        // The rows after the first origin tell the first fit nothing, nor those after the last anything at all.
        Assert.HasCount(2 * Names.Length * Horizon, before);
        foreach (var row in rows.Where(row => row.Time >= Length - Horizon)) row.Value *= 1e3f;
        CollectionAssert.AreEqual(before, Run());

        double[] Run()
        {
            var result = Forecaster.Context.Forecasting.BackTest(Forecaster.Load(rows), Forecaster.Create(options), test);
            Assert.AreEqual(2, result.Fits);
            return [.. result.Model.Forecasts.SelectMany(forecast => forecast.Forecast.ToArray())];
        }
    }

    [TestMethod]
    public void Tables_keep_their_precision()
    {
        var options = Options;
        (options.Normalization.Window, options.Stopping.MaximumNumberOfEpochs) = (WindowNormalization.Standard, 1);
        Row[] rows = [.. Enumerable.Range(0, 400).SelectMany(i => Rows(20, seed: i, names: [$"{(char)('a' + i % 5)}{i}"]))];
        var model = Forecaster.Fit(rows, options).Model;
        foreach (var precision in Enum.GetValues<OnnxPrecision>())
        {
            using var stream = new MemoryStream();
            var report = model.ExportToOnnx(stream, new() { Precision = precision });
            var graph = Microsoft.ML.Recurrent.Onnx.Format.ModelProto.Parser.ParseFrom(stream.ToArray()).Graph;
            foreach (var name in new[] { SeriesScaling.LevelName, SeriesScaling.ScaleName })
                Assert.AreEqual(1, graph.Initializer.Single(tensor => tensor.Name == name).DataType);
            foreach (var output in report.Outputs) NumberAssert.IsLessThan(0.1, output.MeanAbsoluteError);
        }
    }

    [TestMethod]
    public void Faults_are_named()
    {
        var none = Options;
        none.Normalization.Window = WindowNormalization.None;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(Rows(), none)).Message, "no statistics to take from a series");
        var windows = new RecurrentForecastingEstimator.Options
        {
            Input = new WindowInputOptions { InputColumnName = "Value", LabelColumnName = "Other", WindowSize = 1 },
            Normalization = { Scope = NormalizationScope.Series },
        };
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(Rows(), windows)).Message, "needs rows that are time steps");
        var undefined = Options;
        undefined.Normalization.Scope = (NormalizationScope)7;
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Forecaster.Fit(Rows(), undefined));
    }
}
