using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting.Evaluation;

[TestClass]
public sealed class ForecastDistributionTests
{
    private static readonly Arbitrary<double[]> Samples = Gen.Choose(-1000, 1000).Select(n => n / 16.0).NonEmptyListOf().Select(list => list.ToArray())
        .ToArbitrary();

    [TestMethod]
    public void The_normal_distribution_is_exact_to_its_tails()
    {
        Assert.AreEqual(0.5, StandardNormal.Cumulative(0), 1e-16);
        Assert.AreEqual(0.975002104851780, StandardNormal.Cumulative(1.96), 1e-14);
        Assert.AreEqual(0.998650101968370, StandardNormal.Cumulative(3), 1e-14);
        Assert.AreEqual(1, StandardNormal.Cumulative(-5) / 2.866515718791939e-7, 1e-10);
        Assert.AreEqual(1, StandardNormal.Cumulative(-20) / 2.753624118606234e-89, 1e-10);
        Assert.AreEqual(1, StandardNormal.Cumulative(50));
        foreach (var level in new[] { 1e-9, 0.001, 0.025, 0.1, 0.5, 0.9, 0.975, 0.9999 })
            Assert.AreEqual(level, StandardNormal.Cumulative(StandardNormal.Quantile(level)), 1e-13);
        Assert.AreEqual(1.959963984540054, StandardNormal.Quantile(0.975), 1e-12);
    }

    [TestMethod]
    public void The_score_of_a_normal_distribution_is_the_integral_of_its_definition()
    {
        foreach (var actual in new[] { -3.0, 1.2, 2, 9.5 })
        {
            double integral = 0, step = 1e-3;
            for (var x = -40.0; x < 44; x += step)
            {
                var difference = StandardNormal.Cumulative((x - 2) / 1.5) - (x >= actual ? 1 : 0);
                integral += difference * difference * step;
            }
            Assert.AreEqual(integral, ForecastDistribution.Gaussian(2, 1.5).RankedProbabilityScore(actual), 2e-3);
        }
    }

    [TestMethod]
    public void Many_quantiles_score_like_the_distribution_that_they_come_from()
    {
        double[] levels = [.. Enumerable.Range(1, 999).Select(i => i / 1000.0)];
        var normal = ForecastDistribution.Gaussian(10, 3);
        var quantiles = ForecastDistribution.FromQuantiles(levels, [.. levels.Select(normal.Quantile)]);
        foreach (var actual in new[] { 4.0, 10, 13 }) Assert.AreEqual(normal.RankedProbabilityScore(actual), quantiles.RankedProbabilityScore(actual), 0.01);
        Assert.AreEqual(normal.Quantile(0.5005), quantiles.Quantile(0.5005), 1e-3);
        Assert.AreEqual(normal.Quantile(0.001), quantiles.Quantile(0.0001), 1e-9, "level beyond the outer quantiles");
    }

    [TestMethod]
    public void Samples_score_as_the_double_sum_over_pairs() =>
        Prop.ForAll(Samples, samples =>
        {
            double actual = samples[0] / 2 + 1, n = samples.Length;
            var expected = samples.Average(x => Math.Abs(x - actual)) - samples.Sum(a => samples.Sum(b => Math.Abs(a - b))) / (2 * n * n);
            var distribution = ForecastDistribution.FromSamples(samples);
            return Math.Abs(expected - distribution.RankedProbabilityScore(actual)) < 1e-9 && distribution.RankedProbabilityScore(actual) >= -1e-12
                && distribution.Quantile(0) == samples.Min() && distribution.Quantile(1) == samples.Max()
                && distribution.Quantile(0.3) <= distribution.Quantile(0.7);
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void One_point_scores_its_absolute_error()
    {
        Assert.AreEqual(2, ForecastDistribution.Point(3).RankedProbabilityScore(5));
        Assert.AreEqual(2, ForecastDistribution.Gaussian(3, 0).RankedProbabilityScore(5));
        Assert.AreEqual(2, ForecastDistribution.FromSamples([3f]).RankedProbabilityScore(5));
        Assert.AreEqual(2, ForecastDistribution.FromQuantiles([0.5], [3]).RankedProbabilityScore(5));
    }

    [TestMethod]
    public void Quantiles_that_cross_are_put_in_order()
    {
        var distribution = ForecastDistribution.FromQuantiles([0.1, 0.5, 0.9], [4, 3, 8]);
        Assert.AreEqual(3, distribution.Quantile(0.1));
        Assert.AreEqual(4, distribution.Quantile(0.5));
        Assert.AreEqual(6, distribution.Quantile(0.7), 1e-12);
    }

    [TestMethod]
    public void Errors_name_the_argument()
    {
        Assert.AreEqual("samples", Assert.ThrowsExactly<ArgumentException>(() => ForecastDistribution.FromSamples(Array.Empty<double>().AsSpan())).ParamName);
        Assert.AreEqual("values", Assert.ThrowsExactly<ArgumentException>(() => ForecastDistribution.FromQuantiles([0.5], [1, 2])).ParamName);
        Assert.AreEqual("levels", Assert.ThrowsExactly<ArgumentException>(() => ForecastDistribution.FromQuantiles([0.5, 0.5], [1, 2])).ParamName);
        Assert.AreEqual("levels", Assert.ThrowsExactly<ArgumentException>(() => ForecastDistribution.FromQuantiles([], [])).ParamName);
        Assert.AreEqual("standardDeviation", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ForecastDistribution.Gaussian(0, -1)).ParamName);
    }
}
