using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>Limits of forecasts, bounds of counts, too few windows for a level, and the learned scale of bounds.</summary>
[TestClass]
public sealed class IntervalTests
{
    private const int Window = 24, Horizon = 4;
    private static readonly MLContext Context = new(1);

    private sealed class Row
    {
        public float Value { get; set; }
        public float Heat { get; set; }
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static Row[] Noise(int count, double mean, double deviation, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => new Row { Value = (float)(mean + deviation * Normal(random)) })];
    }

    private static RecurrentForecastingTransformer Fit(IEnumerable<Row> rows, Action<RecurrentForecastingEstimator.Options>? change = null,
        MLContext? context = null)
    {
        context ??= Context;
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions { InputColumnName = "Value", WindowSize = Window },
            Horizon = Horizon,
            Network = { HiddenSize = 8 },
            Stopping = { MaximumNumberOfEpochs = 3 },
            Seed = 1,
            Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
        };
        change?.Invoke(options);
        return context.Forecasting.ForecastByRecurrentNetwork(options).Fit(context.Data.LoadFromEnumerable(rows.ToArray()));
    }

    private static float[][] Column(ITransformer model, IEnumerable<Row> rows, string name) =>
        [.. model.Transform(Context.Data.LoadFromEnumerable(rows.ToArray())).GetColumn<float[]>(name).Skip(Window - 1)];

    private static List<string> Warnings(Action<MLContext> call)
    {
        var context = new MLContext(1);
        var warnings = new List<string>();
        context.Log += (_, message) =>
        {
            if (message.Kind is ChannelMessageKind.Warning) warnings.Add(message.Message);
        };
        call(context);
        return warnings;
    }

    [TestMethod]
    [DataRow(TargetTransform.None)]
    [DataRow(TargetTransform.Log1p)]
    public void Forecasts_bounds_quantiles_and_samples_lie_within_the_limits(TargetTransform transform)
    {
        // Amounts that fall to 0, cut at 5.
        var rows = Noise(500, 1, 3).Select(row => new Row { Value = Math.Clamp(row.Value, 0, 5) }).ToArray();
        var quantiles = new Dictionary<double, string> { [0.02] = "P02", [0.98] = "P98" };
        var free = Fit(rows, options => (options.Normalization.TargetTransform, options.Output.QuantileColumnNames) = (transform, quantiles));
        var model = Fit(rows, options =>
        {
            (options.Normalization.TargetTransform, options.Output.QuantileColumnNames, options.Output.SamplesColumnName) = (transform, quantiles, "Samples");
            (options.Output.LowerLimit, options.Output.UpperLimit) = (0, 4.9);
        });
        Assert.IsTrue(Column(free, rows, "Lower").SelectMany(values => values).Any(value => value < 0), "the limits must have something to do");
        foreach (var column in (string[])["Forecast", "Lower", "Upper", "P02", "P98", "Samples"]) Check(Column(model, rows, column), column);
        using var engine = model.CreateForecastEngine(Context);
        engine.Observe(Context.Data.LoadFromEnumerable(rows));
        var wide = engine.Predict(confidenceLevel: 0.97f);
        Check([[.. wide.LowerBounds.Select(bound => (float)bound)], [.. wide.UpperBounds.Select(bound => (float)bound)]], "the engine's bounds");
        Check([.. engine.Sample(count: 200, seed: 1).Paths.Select(path => path.Select(value => (float)value).ToArray())], "the engine's paths");
        var limited = Fit(rows, options => (options.Normalization.TargetTransform, options.Output.LowerLimit) = (transform, 0)).Model;
        ForecastEquality.Check(limited, network => new PointForecastHead(default, ForecastHeadOptions.Create(limited.Manifest.Forecast!), network),
            (random, _) => 4 * random.NextSingle());

        static void Check(float[][] answers, string what)
        {
            foreach (var value in answers.SelectMany(values => values)) Assert.IsTrue(value is >= 0 and <= 4.9f, $"{what}: {value}");
        }
    }

    [TestMethod]
    public void A_limit_does_not_hide_a_missing_value()
    {
        var rows = Noise(400, 10, 1);
        var model = Fit(rows, options => (options.Output.LowerLimit, options.Output.UpperLimit) = (0, 20));
        rows[^3].Value = float.NaN;
        foreach (var column in (string[])["Forecast", "Lower", "Upper"]) Assert.IsTrue(Column(model, rows, column)[^1].All(float.IsNaN), column);
    }

    [TestMethod]
    public void Wrong_limits_are_refused_and_data_beyond_them_are_told()
    {
        foreach (var (lower, upper) in new (double?, double?)[] { (double.NaN, null), (null, double.NaN), (3, 3), (4, 3) })
        {
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
                Fit(Noise(400, 10, 1), options => (options.Output.LowerLimit, options.Output.UpperLimit) = (lower, upper)));
            StringAssert.Contains(error.Message, "Limit");
        }
        var rows = Noise(400, 10, 1);
        for (var i = 0; i < rows.Length; i += 10) rows[i].Value = -1;
        var warnings = Warnings(context => Fit(rows, options => (options.Output.LowerLimit, options.Output.UpperLimit) = (0, 100), context));
        Assert.HasCount(1, warnings);
        StringAssert.Contains(warnings[0], "lie below Output.LowerLimit = 0 (the smallest is -1)");
        Assert.IsEmpty(Warnings(context => Fit(rows, options => (options.Output.LowerLimit, options.Output.UpperLimit) = (-1, 100), context)));
    }

    [TestMethod]
    [DataRow(54)]
    [DataRow(55)]
    [DataRow(60)]
    [DataRow(66)]
    [DataRow(80)]
    public void Too_few_windows_for_the_level_are_refused_or_give_no_bounds(int count)
    {
        void Few(RecurrentForecastingEstimator.Options options) =>
            (options.Input.WindowSize, options.Horizon, options.Output.ConfidenceLevel) = (48, 6, 0.95f);

        var rows = Noise(count, 100, 10);
        var error = Assert.ThrowsExactly<ArgumentException>(() => Fit(rows, Few));
        StringAssert.Contains(error.Message, "but the level 0.95 needs 19");
        RecurrentForecastingTransformer? model = null;
        var warnings = Warnings(context => model = Fit(rows, options =>
        {
            Few(options);
            options.Output.AllowMissingBounds = true;
            options.Output.QuantileColumnNames = new Dictionary<double, string> { [0.99] = "P99" };
        }, context));
        Assert.IsTrue(warnings.Any(warning => warning.Contains("Bounds are NaN", StringComparison.Ordinal)));
        foreach (var column in (string[])["Lower", "Upper", "P99"])
            Assert.IsTrue(Column(model!, rows, column).All(values => values.All(float.IsNaN)), column);
        Assert.IsTrue(Column(model!, rows, "Forecast")[^1].All(float.IsFinite));
    }

    [TestMethod]
    public void The_engine_has_no_bounds_of_a_level_that_the_windows_do_not_support()
    {
        var rows = Noise(400, 100, 10);
        var model = Fit(rows);
        using var engine = model.CreateForecastEngine(Context);
        engine.Observe(Context.Data.LoadFromEnumerable(rows));
        // 37 validation windows: up to .974.
        Assert.AreEqual(37, model.Model.Manifest.Forecast!.CalibrationCount);
        Assert.IsTrue(engine.Predict(confidenceLevel: 0.97f).UpperBounds.All(double.IsFinite));
        Assert.IsTrue(engine.Predict(confidenceLevel: 0.98f).UpperBounds.All(double.IsNaN));
    }

    [TestMethod]
    public void Bounds_of_counts_are_quantiles_and_stay_near_the_data()
    {
        // Zero but for 65 to 95 once a month.
        var random = new Random(3);
        var rows = Enumerable.Range(0, 900).Select(day => new Row { Value = day % 30 == 12 ? random.Next(65, 96) : 0 }).ToArray();
        var model = Fit(rows, Counts);
        var upper = Column(model, rows, "Upper");
        NumberAssert.IsLessThanOrEqualTo(95f, upper.SelectMany(values => values).Max(), "no bound beyond the largest value");
        Assert.IsTrue(Column(model, rows, "Lower").SelectMany(values => values).Concat(upper.SelectMany(values => values)).All(value =>
            value >= 0 && value == MathF.Floor(value)), "bounds of counts are counts");
        NumberAssert.IsGreaterThanOrEqualTo(0.93, Coverage(model, rows));

        // Poisson of mean 5: quantiles .025 and .975 are 1 and 10.
        var sales = Enumerable.Range(0, 900).Select(_ => new Row { Value = Poisson(random, 5) }).ToArray();
        var steady = Fit(sales, Counts);
        Assert.AreEqual(0.96, Coverage(steady, sales), 0.03);
        NumberAssert.IsLessThanOrEqualTo(12f, Column(steady, sales, "Upper")[^1].Max());

        using var engine = steady.CreateForecastEngine(Context);
        engine.Observe(Context.Data.LoadFromEnumerable(sales));
        var (narrow, wide) = (engine.Predict(confidenceLevel: 0.5f), engine.Predict(confidenceLevel: 0.98f));
        for (var step = 0; step < Horizon; step++)
        {
            Assert.AreEqual(Math.Floor(wide.UpperBounds[step]), wide.UpperBounds[step]);
            NumberAssert.IsLessThan(wide.UpperBounds[step], narrow.UpperBounds[step]);
        }

        static void Counts(RecurrentForecastingEstimator.Options options) => (options.Likelihood, options.Output.ConfidenceLevel,
            options.Stopping.MaximumNumberOfEpochs) = (ForecastLikelihood.NegativeBinomial, 0.95f, 10);
    }

    [TestMethod]
    public void Bounds_are_wide_where_what_is_known_ahead_makes_errors_large()
    {
        // The noise of hot hours is ten times that of others.
        var random = new Random(5);
        var rows = Enumerable.Range(0, 2500).Select(i => new Row { Heat = random.Next(4) == 0 ? 1 : 0 }).ToArray();
        foreach (var row in rows) row.Value = (float)(100 + (row.Heat > 0 ? 10 : 1) * Normal(random));
        var model = Fit(rows, options => options.Input.FutureCovariateColumnNames = ["Heat"]);
        var (lower, upper) = (Column(model, rows, "Lower"), Column(model, rows, "Upper"));
        double[] width = [0, 0], inside = [0, 0], count = [0, 0];
        for (var t = 0; t + Window + Horizon <= rows.Length; t++)
        {
            for (var step = 0; step < Horizon; step++)
            {
                var row = rows[t + Window + step];
                var kind = row.Heat > 0 ? 1 : 0;
                (width[kind], count[kind]) = (width[kind] + upper[t][step] - lower[t][step], count[kind] + 1);
                if (row.Value >= lower[t][step] && row.Value <= upper[t][step]) inside[kind]++;
            }
        }
        NumberAssert.IsGreaterThan(4, width[1] / count[1] / (width[0] / count[0]));
        Assert.AreEqual(0.9, inside[0] / count[0], 0.06);
        Assert.AreEqual(0.9, inside[1] / count[1], 0.06);
    }

    private static int Poisson(Random random, double mean)
    {
        var (limit, product, count) = (Math.Exp(-mean), random.NextDouble(), 0);
        for (; product > limit; count++) product *= random.NextDouble();
        return count;
    }

    private static double Coverage(ITransformer model, Row[] rows)
    {
        var (lower, upper) = (Column(model, rows, "Lower"), Column(model, rows, "Upper"));
        var points = (from t in Enumerable.Range(0, rows.Length - Window - Horizon + 1) from step in Enumerable.Range(0, Horizon) select (t, step)).ToArray();
        return points.Average(p => rows[p.t + Window + p.step].Value is var value && value >= lower[p.t][p.step] && value <= upper[p.t][p.step] ? 1.0 : 0);
    }
}
