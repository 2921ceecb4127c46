using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Forecasting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Scaling of windows, steps instead of values, and logarithms: undone in forecasts and in the graph.</summary>
[TestClass]
public sealed class ScalingTests
{
    private const int Window = 12, Horizon = 3;
    private static readonly ForecasterFixture<Row, Answer> Forecaster = new(() => Options);

    private sealed class Row
    {
        public string Name { get; set; } = "";
        public float Value { get; set; }
        public float Other { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
        public float[] Lower { get; set; } = [];
        public float[] Upper { get; set; } = [];
        public float[] Low { get; set; } = [];
    }

    private static RecurrentForecastingEstimator.Options Options => new()
    {
        Input = new SeriesInputOptions { InputColumnName = "Value", FutureCovariateColumnNames = ["Other"], SeriesColumnNames = ["Name"], WindowSize = Window },
        Horizon = Horizon,
        Network = { HiddenSize = 12 },
        Optimizer = { LearningRate = 1e-2f },
        Stopping = { MaximumNumberOfEpochs = 8, ValidationFraction = 0.2f },
        Seed = 3,
        Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.8f },
    };

    /// <summary>Growth with a season that multiplies, of a small and of a great series.</summary>
    private static Row[] Rows(int length, float missing = 0, Func<float, float>? map = null, int seed = 1)
    {
        var random = new Random(seed);
        return [.. from t in Enumerable.Range(0, length)
                   from name in (string[])["small", "great"]
                   let value = (name == "small" ? 2 : 300) * MathF.Exp(0.01f * t) * (1 + 0.3f * MathF.Sin(t)) * (1 + 0.05f * (random.NextSingle() - 0.5f))
                   let hole = random.NextSingle() < missing
                   select new Row { Name = name, Value = hole ? float.NaN : map?.Invoke(value) ?? value, Other = t % 5 }];
    }

    public static IEnumerable<object[]> Forms =>
        from normalization in Enum.GetValues<WindowNormalization>()
        from transform in Enum.GetValues<TargetTransform>()
        from missing in new[] { false, true }
        select new object[] { normalization, transform, missing };

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void The_graph_agrees(WindowNormalization normalization, TargetTransform transform, bool missing)
    {
        var options = Options;
        (options.Normalization.Window, options.Normalization.TargetTransform, options.Stopping.MaximumNumberOfEpochs) = (normalization, transform, 1);
        var model = Forecaster.Fit(Rows(80, missing ? 0.2f : 0, value => 2 + MathF.Sin(value)), options);
        Assert.AreEqual(missing, model.Model.Description.AllowsMissing);
        Check(model.Model, missing);
    }

    private static void Check(RecurrentModel model, bool missing)
    {
        var (step, none) = (0, false);
        ForecastEquality.Check(model, network => new PointForecastHead(default, ForecastHeadOptions.Create(model.Manifest.Forecast!), network),
            (random, input) =>
        {
            if (step++ % Window == 0) none = random.Next(5) == 0;
            return missing && (none || random.Next(3) == 0) ? float.NaN : 1 + 2 * random.NextSingle();
        });
    }

    public static IEnumerable<object[]> Logged =>
        from strategy in Enum.GetValues<ForecastStrategy>()
        from normalization in Enum.GetValues<WindowNormalization>()
        from scope in Enum.GetValues<NormalizationScope>()
        where normalization != WindowNormalization.None || scope == NormalizationScope.Window
        from transform in new[] { TargetTransform.Log, TargetTransform.Log1p }
        select new object[] { strategy, normalization, scope, transform };

    [TestMethod]
    [DynamicData(nameof(Logged))]
    public void Logarithms_in_the_model_are_those_taken_before_it(ForecastStrategy strategy, WindowNormalization normalization, NormalizationScope scope,
        TargetTransform transform)
    {
        var (inside, before) = (Options, Options);
        foreach (var options in new[] { inside, before })
        {
            (options.Stopping.MaximumNumberOfEpochs, options.Decoding.Strategy, options.Normalization.Window, options.Normalization.Scope) =
                (2, strategy, normalization, scope);
            (options.Likelihood, options.Output.QuantileColumnNames) = (ForecastLikelihood.Quantiles(), new Dictionary<double, string> { [0.05] = "Low" });
        }
        inside.Normalization.TargetTransform = transform;
        Func<float, float> log = transform is TargetTransform.Log ? MathF.Log : value => MathF.Log(1 + value);
        var (values, logs) = (Forecaster.Forecast(Forecaster.Fit(Rows(80), inside), Rows(40)), Forecaster.Forecast(Forecaster.Fit(Rows(80, map: log), before),
            Rows(40, map: log)));
        for (var i = 2 * Window; i < values.Length - 2 * Horizon; i++)
        {
            Same(logs[i].Forecast, values[i].Forecast);
            Same(logs[i].Lower, values[i].Lower);
            Same(logs[i].Upper, values[i].Upper);
            Same(logs[i].Low, values[i].Low);
        }

        void Same(float[] logs, float[] values)
        {
            var one = transform is TargetTransform.Log ? 0 : 1;
            for (var h = 0; h < Horizon; h++) Assert.AreEqual(MathF.Exp(logs[h]), values[h] + one, 1e-3f * (values[h] + one));
        }
    }

    public static IEnumerable<object[]> SteppedForms =>
        from strategy in new[] { ForecastStrategy.Recursive, ForecastStrategy.EncoderDecoder }
        from normalization in Enum.GetValues<WindowNormalization>()
        from transform in Enum.GetValues<TargetTransform>()
        from missing in new[] { false, true }
        select new object[] { strategy, normalization, transform, missing };

    [TestMethod]
    [DynamicData(nameof(SteppedForms))]
    public void The_graph_agrees_step_by_step(ForecastStrategy strategy, WindowNormalization normalization, TargetTransform transform, bool missing)
    {
        var options = Options;
        (options.Decoding.Strategy, options.Normalization.Window, options.Normalization.TargetTransform, options.Stopping.MaximumNumberOfEpochs) =
            (strategy, normalization, transform, 1);
        Check(Forecaster.Fit(Rows(80, missing ? 0.2f : 0, value => 2 + MathF.Sin(value)), options).Model, missing);
    }

    [TestMethod]
    [DataRow(WindowNormalization.Mean, TargetTransform.None)]
    [DataRow(WindowNormalization.Robust, TargetTransform.None)]
    [DataRow(WindowNormalization.Difference, TargetTransform.Log)]
    [DataRow(WindowNormalization.Difference, TargetTransform.Log, ForecastStrategy.EncoderDecoder)]
    [DataRow(WindowNormalization.Difference, TargetTransform.Log, ForecastStrategy.Recursive)]
    [DataRow(WindowNormalization.Difference, TargetTransform.None, ForecastStrategy.Recursive, NormalizationScope.Series)]
    [DataRow(WindowNormalization.LastValue, TargetTransform.Log1p)]
    public void Growth_of_small_and_great_series_is_foreseen(WindowNormalization normalization, TargetTransform transform,
        ForecastStrategy strategy = ForecastStrategy.Direct, NormalizationScope scope = NormalizationScope.Window)
    {
        var options = Options;
        (options.Normalization.Window, options.Normalization.TargetTransform, options.Decoding.Strategy, options.Normalization.Scope) =
            (normalization, transform, strategy, scope);
        var model = Forecaster.Fit(Rows(150), options);
        var rows = Rows(200, seed: 2);
        var answers = Forecaster.Forecast(model, rows);
        double error = 0, last = 0;
        for (var i = 300; i < rows.Length - 2 * Horizon; i++)
        {
            for (var h = 0; h < Horizon; h++)
            {
                var truth = rows[i + 2 * (h + 1)].Value;
                error += Math.Abs(answers[i].Forecast[h] - truth) / truth;
                last += Math.Abs(rows[i].Value - truth) / truth;
            }
        }
        NumberAssert.IsLessThan(0.4 * last, error);
    }

    [TestMethod]
    public void Outliers_do_not_move_a_robust_scale()
    {
        var options = Options;
        (options.Normalization.Window, options.Stopping.MaximumNumberOfEpochs, options.Decoding.LinearSkip, options.Normalization.SeasonLength) =
            (WindowNormalization.Robust, 1, false, 0);
        var model = Forecaster.Fit(Rows(80), options);
        var rows = Rows(40);
        var before = Forecaster.Forecast(model, rows);
        foreach (var row in rows.Where((_, i) => i == 20)) row.Value *= 1e5f;
        var after = Forecaster.Forecast(model, rows);
        // The same series, some rows later: the window still holds the outlier.
        Assert.AreEqual(before[26].Forecast[0], after[26].Forecast[0], 0.5f * Math.Abs(before[26].Forecast[0]));
    }

    [TestMethod]
    public void Faults_are_named()
    {
        var negative = Options;
        negative.Normalization.TargetTransform = TargetTransform.Log;
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(Rows(60, map: value => value - 2), negative)).Message,
            "has no logarithm: Log1p takes zeros");
        var deviation = Options;
        (deviation.Normalization.TargetTransform, deviation.Likelihood, deviation.Output.StandardDeviationColumnName) =
            (TargetTransform.Log, ForecastLikelihood.Gaussian, "Deviation");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(Rows(60), deviation)).Message, "ask for quantiles");
        var counts = Options;
        (counts.Normalization.Window, counts.Decoding.Strategy, counts.Likelihood) =
            (WindowNormalization.Difference, ForecastStrategy.Recursive, ForecastLikelihood.NegativeBinomial);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Forecaster.Fit(Rows(60), counts)).Message, "which are no counts");
        // A window without a logarithm has no forecast.
        negative.Stopping.MaximumNumberOfEpochs = 1;
        var rows = Rows(40);
        rows[40].Value = -1;
        Assert.IsTrue(float.IsNaN(Forecaster.Forecast(Forecaster.Fit(Rows(60), negative), rows)[40].Forecast[0]));
    }
}
