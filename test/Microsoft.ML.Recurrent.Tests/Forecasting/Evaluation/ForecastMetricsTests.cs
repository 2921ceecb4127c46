using FsCheck;
using FsCheck.Fluent;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting.Evaluation;

[TestClass]
public sealed class ForecastMetricsTests
{
    /// <summary>Lists of (truth, forecast) pairs, at least one, of ordinary size.</summary>
    private static readonly Arbitrary<(double, double)[]> Pairs =
        Gen.Choose(-10_000, 10_000).Select(n => n / 64.0).Two().Select(two => (two.Item1, two.Item2)).NonEmptyListOf().Select(list => list.ToArray())
            .ToArbitrary();

    [TestMethod]
    public void Golden_forecast_metrics()
    {
        var golden = GoldenMetrics.Read("forecast");
        var metrics = ForecastMetrics.Measure(golden.Numbers("truth"), golden.Numbers("forecast"), golden.Numbers("history"), (int)golden.Number("season"));
        Assert.AreEqual(golden.Number("mae"), metrics.MeanAbsoluteError, 1e-9);
        Assert.AreEqual(golden.Number("rmse"), metrics.RootMeanSquaredError, 1e-9);
        Assert.AreEqual(golden.Number("smape"), metrics.SymmetricMeanAbsolutePercentageError, 1e-9);
        Assert.AreEqual(golden.Number("mase"), metrics.MeanAbsoluteScaledError, 1e-9);
        Assert.AreEqual(golden.Number("rmsse"), metrics.RootMeanSquaredScaledError, 1e-9);
        var points = golden.Numbers("truth").Zip(golden.Numbers("forecast"), (y, f) => new ForecastPoint(y, f));
        Assert.AreEqual(golden.Number("mape"),
            ForecastMetrics.Measure(points, ForecastMetric.MeanAbsolutePercentageError)[ForecastMetric.MeanAbsolutePercentageError], 1e-9);
    }

    [TestMethod]
    public void Golden_probabilistic_metrics()
    {
        var golden = GoldenMetrics.Read("probabilistic");
        var samples = golden.GetProperty("samples").EnumerateArray().Select(row => row.EnumerateArray().Select(number => number.GetDouble()).ToArray())
            .ToArray();
        var truth = golden.Numbers("truth");
        // A row of samples is one draw of all steps.
        var points = truth.Select((y, step) =>
        {
            var distribution =
                ForecastDistribution.FromSamples(samples.Length == truth.Length ? samples[step].AsSpan() : samples.Select(draw => draw[step]).ToArray());
            return new ForecastPoint(y, distribution.Quantile(0.5))
            {
                Distribution = distribution, Lower = distribution.Quantile(0.1),
                Upper = distribution.Quantile(0.9), ConfidenceLevel = 0.8
            };
        }).ToArray();
        Assert.AreEqual(golden.Number("crps"), ForecastMetrics.Measure(points).ContinuousRankedProbabilityScore, 1e-9);
        Assert.AreEqual(golden.Number("coverage80"), ForecastMetrics.Measure(points).Coverage, 1e-9);
        foreach (var pinball in golden.GetProperty("pinball").EnumerateObject())
        {
            var metric = ForecastMetric.QuantileLoss(double.Parse(pinball.Name, System.Globalization.CultureInfo.InvariantCulture));
            Assert.AreEqual(pinball.Value.GetDouble(), ForecastMetrics.Measure(points, metric)[metric], 1e-9, metric.Name);
        }
        foreach (var loss in golden.GetProperty("weightedQuantileLoss").EnumerateObject())
        {
            var metric = ForecastMetric.WeightedQuantileLoss(double.Parse(loss.Name, System.Globalization.CultureInfo.InvariantCulture));
            Assert.AreEqual(loss.Value.GetDouble(), ForecastMetrics.Measure(points, metric)[metric], 1e-9, metric.Name);
        }
    }

    [TestMethod]
    public void Interval_metrics_follow_their_formulas()
    {
        var metrics = ForecastMetrics.Measure(
        [
            new(5, 4) { Lower = 2, Upper = 6, ConfidenceLevel = 0.9, Scale = 2 },
            new(7, 4) { Lower = 2, Upper = 6, ConfidenceLevel = 0.9, Scale = 2 },
            new(1, 4) { Lower = 2, Upper = 6, ConfidenceLevel = 0.9, Scale = 0 },
            new(1, 4),
        ]);
        Assert.AreEqual(4, metrics.Count);
        Assert.AreEqual(1 / 3.0, metrics.Coverage, 1e-12);
        Assert.AreEqual(4, metrics.IntervalWidth, 1e-12);
        Assert.AreEqual((4 / 2.0 + (4 + 20 * 1) / 2.0) / 2, metrics.MeanScaledIntervalScore, 1e-9, "a point without scale does not count");
        Assert.AreEqual((1 + 3) / 2.0 / 2, metrics.MeanAbsoluteScaledError, 1e-12);
        Assert.IsTrue(double.IsNaN(metrics.ContinuousRankedProbabilityScore));
        Assert.AreEqual((-1 - 3 + 3 + 3) / 4.0, metrics.Bias, 1e-12);
        Assert.AreEqual(10 / 14.0, metrics.WeightedAbsolutePercentageError, 1e-12);
    }

    [TestMethod]
    public void Errors_behave_as_measures_of_distance_should() =>
        Prop.ForAll(Pairs, pairs =>
        {
            var metrics = Measure(pairs, 1, 0);
            var shifted = Measure(pairs, 3, 8);
            return metrics.MeanAbsoluteError >= 0 && metrics.RootMeanSquaredError >= metrics.MeanAbsoluteError - 1e-9
                && Math.Abs(metrics.Bias) <= metrics.MeanAbsoluteError + 1e-9
                && metrics.SymmetricMeanAbsolutePercentageError is >= 0 and <= 200 + 1e-9
                && Close(shifted.MeanAbsoluteError, 3 * metrics.MeanAbsoluteError) && Close(shifted.RootMeanSquaredError, 3 * metrics.RootMeanSquaredError)
                && Measure(pairs.Select(pair => (pair.Item1, pair.Item1)), 1, 0) is
                {
                    MeanAbsoluteError: 0, RootMeanSquaredError: 0,
                    SymmetricMeanAbsolutePercentageError: 0
                };
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void Scaled_errors_do_not_depend_on_the_unit() =>
        Prop.ForAll(Pairs, pairs =>
        {
            double[] truth = [.. pairs.Select(pair => pair.Item1)], forecast = [.. pairs.Select(pair => pair.Item2)], history = [1, 4, 2, 9, 5, 5.5];
            var first = ForecastMetrics.Measure(truth, forecast, history, 2);
            var second = ForecastMetrics.Measure(Scaled(truth), Scaled(forecast), Scaled(history), 2);
            return Close(first.MeanAbsoluteScaledError, second.MeanAbsoluteScaledError)
                && Close(first.RootMeanSquaredScaledError, second.RootMeanSquaredScaledError);

            static double[] Scaled(double[] values) => [.. values.Select(value => 250 * value - 40)];
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void A_metric_of_ones_own_is_measured_and_found_by_name()
    {
        var metric = new ForecastMetric("Within 1", static (in ForecastPoint point) => Math.Abs(point.Residual) <= 1 ? 1 : 0);
        var metrics = ForecastMetrics.Measure([new(1, 2), new(1, 3), new(1, 1.5)], metric);
        Assert.AreEqual(2 / 3.0, metrics[metric], 1e-12);
        Assert.AreEqual(2 / 3.0, metrics[new("Within 1", metric.Statistic)], 1e-12);
        Assert.IsTrue(double.IsNaN(metrics.MeanAbsoluteError), "not asked for");
        Assert.AreEqual("Within 1 0.66667", metrics.ToString());
    }

    [TestMethod]
    public void The_overall_weighted_average_is_one_against_itself()
    {
        var reference = ForecastMetrics.Measure([3, 4], [5, 5], [1, 2, 4]);
        Assert.AreEqual(1, reference.OverallWeightedAverage(reference), 1e-12);
        NumberAssert.IsLessThan(1, ForecastMetrics.Measure([3, 4], [3.5, 4], [1, 2, 4]).OverallWeightedAverage(reference));
    }

    [TestMethod]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    public void What_is_not_known_does_not_count(double unknown)
    {
        var point = new ForecastPoint(1, 1)
        {
            Lower = 0, Upper = 2, ConfidenceLevel = 0.9, Scale = 1, SquaredScale = 1,
            Distribution = ForecastDistribution.Gaussian(1, 1)
        };
        ForecastMetric[] metrics = [.. ForecastMetric.Defaults, ForecastMetric.QuantileLoss(0.5), ForecastMetric.WeightedQuantileLoss(0.5)];
        // Whatever was forecast of it, a wide interval or nothing at all.
        var measured = ForecastMetrics.Measure([point, point with { Actual = unknown, Upper = 100 }, new(unknown, double.NaN)], metrics);
        var alone = ForecastMetrics.Measure([point], metrics);
        Assert.AreEqual(1, measured.Count);
        Assert.AreEqual(1d, measured.Coverage);
        Assert.AreEqual(2d, measured.IntervalWidth);
        foreach (var metric in metrics) Assert.AreEqual(alone[metric], measured[metric], metric.Name);

        var series = ForecastMetrics.Measure([1, unknown, 3], [2, double.NaN, 5]);
        Assert.AreEqual(2, series.Count);
        Assert.AreEqual(1.5, series.MeanAbsoluteError, 1e-12);
    }

    /// <summary>A forecaster does not get better by answering NaN: it is an error here as in EvaluateForecasts, and left out by name in a back-test.</summary>
    [TestMethod]
    public void A_forecast_that_is_missing_is_an_error()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => ForecastMetrics.Measure([1, 2, 3, 100], [1, 2, 3, double.NaN]));
        Assert.AreEqual("forecast", error.ParamName);
        StringAssert.Contains(error.Message, "point 3");
        error = Assert.ThrowsExactly<ArgumentException>(() => ForecastMetrics.Measure([new(1, 1), new(double.NaN, double.NaN), new(1, double.NaN)]));
        Assert.AreEqual("points", error.ParamName);
        StringAssert.Contains(error.Message, "point 2");
    }

    [TestMethod]
    public void An_infinite_forecast_is_as_wrong_as_can_be()
    {
        var metrics = ForecastMetrics.Measure([1, 2], [1, double.PositiveInfinity]);
        Assert.AreEqual(2, metrics.Count);
        Assert.AreEqual(double.PositiveInfinity, metrics.MeanAbsoluteError);
        Assert.AreEqual(100, metrics.SymmetricMeanAbsolutePercentageError, 1e-12);
    }

    [TestMethod]
    public void Zeros_and_constant_histories_count_as_documented()
    {
        // Two of three points are 200, and that of two zeros is 0.
        Assert.AreEqual(400 / 3.0, ForecastMetrics.Measure([0, 0, 0], [0, 1, 2]).SymmetricMeanAbsolutePercentageError, 1e-9);
        var constant = ForecastMetrics.Measure([1, 2], [1, 1], [5, 5, 5, 5]);
        Assert.IsTrue(double.IsNaN(constant.MeanAbsoluteScaledError));
        Assert.IsTrue(double.IsNaN(constant.RootMeanSquaredScaledError));
        Assert.IsTrue(double.IsNaN(ForecastMetrics.Measure([1, 2], [1, 1], [1, 2, 3], season: 3).MeanAbsoluteScaledError));
        // A point without a scale is left out of the mean.
        ForecastPoint[] points = [new(1, 2) { Scale = 0, SquaredScale = 0 }, new(1, 2) { Scale = 4, SquaredScale = 16 }];
        Assert.AreEqual(0.25, ForecastMetrics.Measure(points).MeanAbsoluteScaledError, 1e-12);
    }

    [TestMethod]
    public void Errors_name_the_argument()
    {
        Assert.AreEqual("actual", Assert.ThrowsExactly<ArgumentException>(() => ForecastMetrics.Measure(Array.Empty<double>().AsSpan(), [])).ParamName);
        Assert.AreEqual("forecast", Assert.ThrowsExactly<ArgumentException>(() => ForecastMetrics.Measure([1], [1, 2])).ParamName);
        Assert.AreEqual("season", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ForecastMetrics.Measure([1], [1], [1, 2], 0)).ParamName);
        Assert.AreEqual("level", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ForecastMetric.QuantileLoss(1)).ParamName);
        Assert.AreEqual("name", Assert.ThrowsExactly<ArgumentException>(() => new ForecastMetric(" ", static (in ForecastPoint _) => 0)).ParamName);
        Assert.AreEqual("metrics",
            Assert.ThrowsExactly<ArgumentException>(() => ForecastMetrics.Measure([new(1, 1)], ForecastMetric.Bias, ForecastMetric.Bias)).ParamName);
    }

    private static ForecastMetrics Measure(IEnumerable<(double Truth, double Forecast)> pairs, double scale, double shift) =>
        ForecastMetrics.Measure(pairs.Select(pair => new ForecastPoint(scale * pair.Truth + shift, scale * pair.Forecast + shift)));

    private static bool Close(double a, double b) => Math.Abs(a - b) <= 1e-9 * Math.Max(1, Math.Abs(b));
}
