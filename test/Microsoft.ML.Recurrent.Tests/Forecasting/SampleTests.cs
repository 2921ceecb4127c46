using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Model;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Sample paths as a column, deviations and quantiles of paths, and the graph that draws them.</summary>
[TestClass]
public sealed class SampleTests
{
    private const int Window = 12, Horizon = 6;
    private static readonly MLContext Context = new(1);

    private sealed class Row
    {
        public string Series { get; set; } = "";

        [VectorType(2)]
        public float[] Value { get; set; } = [];

        public float Ahead { get; set; }
    }

    private sealed class Number
    {
        public float Value { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
        public float[] Deviation { get; set; } = [];
        public float[] Samples { get; set; } = [];
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static Row[] Rows(int length) =>
        [.. from t in Enumerable.Range(0, length) from series in (string[])["a", "b"]
            select new Row { Series = series, Ahead = t % 3, Value = [5 + t % 4 + (series == "a" ? 1 : 0), 3 + t * 7 % 5] }];

    /// <summary>An autoregression of order 1, x = 0.8 x + noise of variance 1.</summary>
    private static Number[] Walk(int length, int seed, double keep = 0.8)
    {
        var (random, x) = (new Random(seed), 0.0);
        return [.. Enumerable.Range(0, length).Select(_ => new Number { Value = (float)(x = keep * x + Normal(random)) })];
    }

    private static RecurrentForecastingEstimator.Options Options(ForecastStrategy strategy, LikelihoodName likelihood) => new()
    {
        Input = { InputColumnName = "Value", WindowSize = Window },
        Horizon = Horizon,
        Network = { HiddenSize = 8 },
        Stopping = { MaximumNumberOfEpochs = 1 },
        Seed = 1,
        Normalization = { SeasonLength = 0 },
        Decoding = { Strategy = strategy },
        Likelihood = likelihood.ToOption(),
        Output = { SamplesColumnName = "Samples", NumberOfSamples = 20 },
    };

    public static IEnumerable<object[]> Forms =>
        from strategy in Enum.GetValues<ForecastStrategy>()
        from likelihood in Enum.GetValues<LikelihoodName>().Except([LikelihoodName.Quantiles])
        from taught in new[] { false, true }
        where taught
            ? strategy is not ForecastStrategy.Direct && likelihood is not LikelihoodName.Point
            : strategy is not ForecastStrategy.Recursive || likelihood is LikelihoodName.Point
        select new object[] { strategy, likelihood, taught };

    /// <summary>Everything at once: several targets, what is known ahead, series, a season, bounds, deviations, quantiles and samples.</summary>
    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void The_graph_draws_as_the_network_does(ForecastStrategy strategy, LikelihoodName likelihood, bool taught)
    {
        var season = likelihood is LikelihoodName.NegativeBinomial ? 0 : 4;
        var options = Options(strategy, likelihood);
        (options.Series.SeriesColumnNames, options.Input.FutureCovariateColumnNames, options.Input.StaticColumnNames, options.Normalization.SeasonLength) =
            (["Series"], ["Ahead"], ["Series"], season);
        (options.Output.ConfidenceLowerBoundColumn, options.Output.ConfidenceUpperBoundColumn, options.Output.ConfidenceLevel) = ("Lower", "Upper", 0.5f);
        options.Output.QuantileColumnNames = new Dictionary<double, string> { [0.1] = "Q10", [0.75] = "Q75" };
        options.Output.StandardDeviationColumnName = likelihood is LikelihoodName.Point ? null : "Deviation";
        if (likelihood is LikelihoodName.StudentT) options.Normalization.Window = WindowNormalization.Difference;
        if (strategy is ForecastStrategy.EncoderDecoder)
            (options.Decoding.TeacherForcing, options.Decoding.Attention) = (TeacherForcing.Constant(taught ? 1 : 0), AttentionForm.General);
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(Rows(80))).Model;
        Assert.AreEqual(taught, model.Manifest.Forecast!.FeedsDraws);
        ForecastEquality.Check(model,
            network => ForecastHead.Create(likelihood.Create([0.1, 0.75], 0.5f), default, [0.1, 0.75], options.Output.StandardDeviationColumnName is not null,
            ForecastHeadOptions.Create(model.Manifest.Forecast!) with { Paths = 20, HasSamples = true }, network),
                (random, input) => input.IsCategory ? random.Next(3) : random.Next(4), [1, 5]);
    }

    [TestMethod]
    [DataRow(AttentionForm.Additive)]
    [DataRow(AttentionForm.Dot)]
    public void Paths_attend_to_the_window_of_their_row(AttentionForm form)
    {
        var options = Options(ForecastStrategy.EncoderDecoder, LikelihoodName.StudentT);
        (options.Decoding.TeacherForcing, options.Decoding.Attention, options.Decoding.InputFeeding, options.Output.SamplesColumnName,
            options.Output.StandardDeviationColumnName) =
            (TeacherForcing.Constant(1), form, true, null, "Deviation");
        options.Output.QuantileColumnNames = new Dictionary<double, string> { [0.1] = "Q10" };
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(Walk(120, 1))).Model;
        // No noise comes in: what is drawn for the columns of figures alone is part of the model.
        Assert.AreEqual(0, model.Manifest.NoiseSize);
        ForecastEquality.Check(model, network => ForecastHead.Create(LikelihoodName.StudentT.Create([0.1], null), default, [0.1], true,
            new(Window, Horizon, 1) { Paths = 20, FeedsDraws = true }, network), rowsOfBatches: [1, 5]);
    }

    /// <summary>What a decoder that was trained by the truth draws spreads as its law does, and so do its columns of deviations and quantiles.</summary>
    [TestMethod]
    [DataRow(ForecastStrategy.Recursive, LikelihoodName.Gaussian)]
    [DataRow(ForecastStrategy.EncoderDecoder, LikelihoodName.StudentT)]
    public void Paths_of_an_autoregression_spread_and_cover_as_its_law_says(ForecastStrategy strategy, LikelihoodName likelihood)
    {
        var options = Options(strategy, likelihood);
        (options.Network.HiddenSize, options.Stopping.MaximumNumberOfEpochs, options.Optimizer.LearningRate, options.Output.NumberOfSamples,
            options.Decoding.TeacherForcing,
            options.Normalization.Window) = (16, 12, 5e-3f, 200, TeacherForcing.Constant(1), WindowNormalization.LastValue);
        (options.Output.StandardDeviationColumnName, options.Output.QuantileColumnNames) =
            ("Deviation", new Dictionary<double, string> { [0.05] = "Low", [0.95] = "High" });
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(Walk(3000, 1)));
        var rows = Walk(1500, 2);
        var view = model.Transform(Context.Data.LoadFromEnumerable(rows));
        var (answers, low, high) =
            (Context.Data.CreateEnumerable<Answer>(view, false).ToArray(), view.GetColumn<float[]>("Low").ToArray(), view.GetColumn<float[]>("High").ToArray());
        double[] inside = new double[Horizon], spread = new double[Horizon];
        double count = 0, together = 0;
        for (var t = Window; t < rows.Length - Horizon; t++, count++)
        {
            var samples = answers[t].Samples;
            for (var h = 0; h < Horizon; h++)
            {
                var own = samples.AsSpan(h * 200, 200).ToArray();
                var (mean, truth) = (own.Average(), rows[t + 1 + h].Value);
                var deviation = Math.Sqrt(own.Sum(value => Math.Pow(value - mean, 2)) / 199);
                Assert.AreEqual(deviation, answers[t].Deviation[h], 1e-3 * deviation, "the column of deviations is that of the samples");
                spread[h] += deviation;
                inside[h] += truth >= low[t][h] && truth <= high[t][h] ? 1 : 0;
                if (h < Horizon - 1) continue;
                var before = samples.AsSpan((h - 1) * 200, 200).ToArray();
                together += own.Zip(before).Average(pair => (pair.First - mean) * pair.Second) / deviation;
            }
        }
        for (var h = 0; h < Horizon; h++)
        {
            var law = Math.Sqrt((1 - Math.Pow(0.64, h + 1)) / (1 - 0.64));
            Assert.AreEqual(law, spread[h] / count, 0.2 * law, $"step {h + 1}");
            Assert.AreEqual(0.9, inside[h] / count, 0.06, $"step {h + 1}");
        }
        // Cov(x[5], x[6]) = 0.8 Var(x[5]).
        var (five, six) = (Math.Sqrt((1 - Math.Pow(0.64, 5)) / 0.36), Math.Sqrt((1 - Math.Pow(0.64, 6)) / 0.36));
        Assert.AreEqual(0.8 * five * five / six, together / count, 0.3);
    }

    [TestMethod]
    public void The_spread_of_a_random_walk_grows_with_the_root_of_the_distance()
    {
        var options = Options(ForecastStrategy.Recursive, LikelihoodName.Gaussian);
        (options.Output.SamplesColumnName, options.Output.StandardDeviationColumnName, options.Network.HiddenSize, options.Stopping.MaximumNumberOfEpochs,
            options.Optimizer.LearningRate,
            options.Normalization.Window) = (null, "Deviation", 16, 12, 5e-3f, WindowNormalization.LastValue);
        options.Output.NumberOfSamples = 100;
        var rows = Context.Data.LoadFromEnumerable(Walk(2000, 1, keep: 1));
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(rows);
        var deviations = model.Transform(rows).GetColumn<float[]>("Deviation").Where(row => !float.IsNaN(row[0])).ToArray();
        for (var h = 0; h < Horizon; h++)
            Assert.AreEqual(Math.Sqrt(h + 1), deviations.Average(row => row[h] / row[0]), 0.2 * Math.Sqrt(h + 1), $"step {h + 1}");
    }

    [TestMethod]
    [DataRow(ForecastStrategy.Direct, LikelihoodName.Point)]
    [DataRow(ForecastStrategy.Direct, LikelihoodName.StudentT)]
    [DataRow(ForecastStrategy.Recursive, LikelihoodName.Gaussian)]
    public void A_row_has_the_same_samples_however_it_is_scored(ForecastStrategy strategy, LikelihoodName likelihood)
    {
        var options = Options(strategy, likelihood);
        if (likelihood is LikelihoodName.Point)
            (options.Output.ConfidenceLowerBoundColumn, options.Output.ConfidenceUpperBoundColumn, options.Output.ConfidenceLevel) = ("Lower", "Upper", 0.5f);
        var rows = Context.Data.LoadFromEnumerable(Walk(90, 1));
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(rows);
        var column = model.GetOutputSchema(rows.Schema)["Samples"];
        CollectionAssert.AreEqual(new[] { Horizon, 20 }, ((VectorDataViewType)column.Type).Dimensions.ToArray());
        var before = Samples(model, rows);
        Assert.IsTrue(before[5].All(float.IsNaN));
        model.Scoring = new() { BatchSize = 3 };
        Same(before, Samples(model, rows), 1e-5f);
        Assert.AreNotEqual(before[40][0] - before[40][1], before[41][0] - before[41][1], "other rows have other noise");

        using var file = new MemoryStream();
        Context.Model.Save(model, rows.Schema, file);
        file.Position = 0;
        var loaded = (RecurrentForecastingTransformer)Context.Model.Load(file, out _);
        Same(before, Samples(loaded, rows), 1e-5f);
        // The last rows alone, of the same windows.
        Same(before[(40 + Window - 1)..], Samples(loaded, Context.Data.SkipRows(rows, 40))[(Window - 1)..], 1e-5f);

        static float[][] Samples(ITransformer model, IDataView rows) => [.. model.Transform(rows).GetColumn<float[]>("Samples")];

        static void Same(float[][] expected, float[][] actual, float tolerance)
        {
            Assert.HasCount(expected.Length, actual);
            for (var i = 0; i < expected.Length; i++)
                for (var j = 0; j < expected[i].Length && !float.IsNaN(expected[i][j]); j++)
                    Assert.AreEqual(expected[i][j], actual[i][j], tolerance * Math.Max(1, Math.Abs(expected[i][j])), $"row {i}");
        }
    }

    private sealed class WindowRow
    {
        [VectorType(SampleTests.Window)]
        public float[] Window { get; set; } = [];

        [VectorType(Horizon)]
        public float[] Value { get; set; } = [];
    }

    [TestMethod]
    public void Rows_that_hold_windows_have_samples_one_by_one_too()
    {
        var values = Walk(200, 1);
        WindowRow[] rows = [.. Enumerable.Range(0, 150).Select(t => new WindowRow { Window = [.. values[t..(t + Window)].Select(row => row.Value)],
            Value = [.. values[(t + Window)..(t + Window + Horizon)].Select(row => row.Value)] })];
        var options = Options(ForecastStrategy.Direct, LikelihoodName.Gaussian);
        options.Input = new WindowInputOptions { InputColumnName = "Window", LabelColumnName = "Value", WindowSize = Window };
        var view = Context.Data.LoadFromEnumerable(rows);
        var model = Context.Forecasting.ForecastByRecurrentNetwork(options).Fit(view);
        var all = model.Transform(view).GetColumn<float[]>("Samples").ToArray();
        using var engine = Context.Model.CreatePredictionEngine<WindowRow, Answer>(model);
        foreach (var i in new[] { 7, 3, 7 })
        {
            var one = engine.Predict(rows[i]).Samples;
            for (var j = 0; j < one.Length; j++) Assert.AreEqual(all[i][j], one[j], 1e-4f);
        }
        Assert.Contains(ModelManifest.NoiseInput,
            Assert.ThrowsExactly<NotSupportedException>(() => Context.Model.ConvertToOnnx(model, view, new MemoryStream())).Message);
        Assert.Contains("Output.SamplesColumnName",
            Assert.ThrowsExactly<NotSupportedException>(() => Microsoft.ML.Recurrent.Onnx.StepGraph.Create(model.Model)).Message);
    }

    [TestMethod]
    [DataRow(ForecastStrategy.Recursive, LikelihoodName.Gaussian)]
    [DataRow(ForecastStrategy.Direct, LikelihoodName.StudentT)]
    [DataRow(ForecastStrategy.Direct, LikelihoodName.NegativeBinomial)]
    public void Samples_are_exported_in_other_precisions_too(ForecastStrategy strategy, LikelihoodName likelihood)
    {
        var rows = Walk(150, 1);
        foreach (var row in rows) row.Value = likelihood is LikelihoodName.NegativeBinomial ? MathF.Round(Math.Abs(row.Value)) : row.Value;
        var model = Context.Forecasting.ForecastByRecurrentNetwork(Options(strategy, likelihood)).Fit(Context.Data.LoadFromEnumerable(rows)).Model;
        foreach (var precision in Enum.GetValues<OnnxPrecision>())
        {
            var report = model.ExportToOnnx(new MemoryStream(),
                new OnnxExportOptions { Precision = precision, EvaluationData = Context.Data.LoadFromEnumerable(rows) });
            foreach (var output in report.Outputs) NumberAssert.IsLessThan(0.5, output.MeanAbsoluteError, $"{precision}: {output.Name}");
        }
    }

    [TestMethod]
    public void A_back_test_measures_samples()
    {
        var options = Options(ForecastStrategy.Recursive, LikelihoodName.Gaussian);
        (options.Output.NumberOfSamples, options.Stopping.MaximumNumberOfEpochs, options.Optimizer.LearningRate) = (100, 6, 5e-3f);
        var result = Context.Forecasting.BackTest(Context.Data.LoadFromEnumerable(Walk(600, 1)), Context.Forecasting.ForecastByRecurrentNetwork(options),
            new() { TargetColumnName = "Value", Horizon = Horizon, NumberOfOrigins = 20, SamplesColumnName = "Samples" });
        // The CRPS of a normal forecast that is right is 0.56 of its deviation; these are from 1 to 1.6.
        var score = result.Model.Metrics.ContinuousRankedProbabilityScore;
        Assert.IsTrue(score is > 0.4 and < 1.3, $"{score}");
    }

    [TestMethod]
    public void What_cannot_be_drawn_is_refused_with_the_remedy()
    {
        Refused("Output.SamplesColumnName", "whole distribution", options => options.Likelihood = ForecastLikelihood.Quantiles());
        Refused("Output.SamplesColumnName", "ConfidenceLowerBoundColumn", options => options.Likelihood = ForecastLikelihood.Point());
        Refused("Output.NumberOfSamples", "at least 1", options => options.Output.NumberOfSamples = 0);
        Refused("Output.SamplesColumnName", "", options => options.Output.SamplesColumnName = "");
        Refused("Output.ForecastColumnName", "two output columns", options => options.Output.SamplesColumnName = "Forecast");
        Refused("Output.QuantileColumnNames", "ConfidenceLowerBoundColumn",
            options => (options.Likelihood, options.Output.SamplesColumnName, options.Output.QuantileColumnNames) =
            (ForecastLikelihood.Point(), null, new Dictionary<double, string> { [0.5] = "Q" }));

        static void Refused(string parameter, string reason, Action<RecurrentForecastingEstimator.Options> change)
        {
            var options = Options(ForecastStrategy.Direct, LikelihoodName.Gaussian);
            change(options);
            var error = Assert.Throws<ArgumentException>(() => Context.Forecasting.ForecastByRecurrentNetwork(options), reason);
            Assert.AreEqual(parameter, error.ParamName);
            Assert.Contains(reason, error.Message, StringComparison.OrdinalIgnoreCase);
        }
    }
}
