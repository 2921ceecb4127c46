using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting.Evaluation;

/// <summary>Back-tests of forecasters that answer with distributions, and of several targets at once.</summary>
[TestClass]
public sealed class BackTestDistributionTests
{
    private const int Horizon = 2, Targets = 3, Samples = 4;
    private static readonly MLContext Context = new(1);

    private sealed class Row
    {
        public int Time { get; set; }

        [VectorType(Targets)]
        public float[] Value { get; set; } = [];
    }

    private sealed class Answer
    {
        [VectorType(Horizon * Targets)]
        public float[] Forecast { get; set; } = [];

        [VectorType(Horizon * Targets)]
        public float[] Low { get; set; } = [];

        [VectorType(Horizon * Targets)]
        public float[] High { get; set; } = [];

        [VectorType(Horizon * Targets)]
        public float[] Deviation { get; set; } = [];

        [VectorType(Horizon * Targets * Samples)]
        public float[] Draws { get; set; } = [];
    }

    private static float Value(int time, int target) => 100 * target + time + MathF.Sin(time * (target + 1));

    /// <summary>Forecasts the last value plus a tenth of the step, so that each step and target has a number of its own.</summary>
    private static BackTestResult Run(Action<BackTestOptions> set)
    {
        var data = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 40)
            .Select(time => new Row { Time = time, Value = [.. Enumerable.Range(0, Targets).Select(target => Value(time, target))] }).ToArray());
        var model = Context.Transforms.CustomMapping<Row, Answer>((row, answer) =>
        {
            float[] forecast = [.. Enumerable.Range(0, Horizon * Targets).Select(i => row.Value[i % Targets] + 0.1f * (i / Targets + 1))];
            answer.Forecast = forecast;
            answer.Low = [.. forecast.Select(value => value - 1)];
            answer.High = [.. forecast.Select(value => value + 2)];
            answer.Deviation = [.. Enumerable.Range(0, Horizon * Targets).Select(i => 1f + i % Targets)];
            answer.Draws = [.. forecast.SelectMany(value => (float[])[value + 1, value - 1, value, value + 3])];
        }, contractName: null);
        var options = new BackTestOptions { TargetColumnName = "Value", TimeColumnName = "Time", Horizon = Horizon, NumberOfOrigins = 4 };
        set(options);
        return Context.Forecasting.BackTest(data, model, options);
    }

    [TestMethod]
    public void Targets_are_told_apart_step_by_step()
    {
        var result = Run(_ => { });
        CollectionAssert.AreEqual((string[])["Value[0]", "Value[1]", "Value[2]"], result.Targets.ToArray());
        Assert.AreEqual(4 * Horizon * Targets, result.Model.Metrics.Count);
        foreach (var forecast in result.Model.Forecasts)
        {
            var target = result.Targets.IndexOf(forecast.Target);
            for (var step = 0; step < Horizon; step++)
            {
                Assert.AreEqual(Value((int)forecast.Row, target) + 0.1f * (step + 1), forecast.Forecast.Span[step], 1e-5);
                Assert.AreEqual(Value((int)forecast.Row + 1 + step, target), forecast.Actual.Span[step], 1e-5);
            }
        }
        Assert.AreEqual(result.Model.Forecasts.Where(forecast => forecast.Target == "Value[1]")
            .Average(forecast => (Math.Abs(forecast.Residual(0)) + Math.Abs(forecast.Residual(1))) / 2),
            result.Model.ByTarget["Value[1]"].MeanAbsoluteError, 1e-9);
        Assert.IsTrue(double.IsNaN(result.Model.Metrics.ContinuousRankedProbabilityScore));
    }

    [TestMethod]
    public void Samples_quantiles_and_normal_distributions_are_scored()
    {
        Scores(options => options.SamplesColumnName = "Draws", (f, _) => ForecastDistribution.FromSamples([f + 1, f - 1, f, f + 3]));
        Scores(options => options.StandardDeviationColumnName = "Deviation", (f, target) => ForecastDistribution.Gaussian(f, 1 + target));
        Scores(options => options.QuantileColumnNames = new Dictionary<double, string> { [0.9] = "High", [0.1] = "Low", [0.5] = "Forecast" },
            (f, _) => ForecastDistribution.FromQuantiles([0.1, 0.5, 0.9], [f - 1, f, f + 2]));

        static void Scores(Action<BackTestOptions> set, Func<double, int, ForecastDistribution> expected)
        {
            var result = Run(set);
            var crps = result.Model.Forecasts.SelectMany(forecast => Enumerable.Range(0, Horizon).Select(step =>
                expected(forecast.Forecast.Span[step], result.Targets.IndexOf(forecast.Target)).RankedProbabilityScore(forecast.Actual.Span[step]))).Average();
            Assert.AreEqual(crps, result.Model.Metrics.ContinuousRankedProbabilityScore, 1e-5);
            Assert.AreEqual(result["Last value"].Metrics.MeanAbsoluteError, result["Last value"].Metrics.ContinuousRankedProbabilityScore, 1e-9,
                "a point's score is its error");
        }
    }

    [TestMethod]
    public void Levels_of_quantiles_are_measured_without_asking()
    {
        var result = Run(options => options.QuantileColumnNames = new Dictionary<double, string> { [0.9] = "High", [0.1] = "Low" });
        StringAssert.Contains(result.ToString(), "QL(0.1)");
        var expected = result.Model.Forecasts.SelectMany(forecast => Enumerable.Range(0, Horizon).Select(step =>
            ForecastMetric.Pinball(forecast.Actual.Span[step], forecast.Forecast.Span[step] + 2, 0.9))).Average();
        Assert.AreEqual(expected, result.Model.Metrics[ForecastMetric.QuantileLoss(0.9)], 1e-5);
    }

    [TestMethod]
    public void A_samples_column_of_the_wrong_size_is_an_error() =>
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Run(options =>
                (options.SamplesColumnName, options.Horizon, options.ForecastColumnName) = ("Value", 2, "Forecast"))).Message, "a multiple of 6 samples");
}
