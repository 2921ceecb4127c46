using Microsoft.ML.Recurrent.Forecasting.Evaluation;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Forecasting.Evaluation;

[TestClass]
public sealed class ForecastBaselineTests
{
    private static readonly double[] s_history = [1, 2, 3, 4, 5, 9];

    [TestMethod]
    public void Baselines_forecast_as_defined()
    {
        CollectionAssert.AreEqual((double[])[9, 9, 9, 9, 9], Forecast(ForecastBaseline.LastValue, s_history, 2));
        CollectionAssert.AreEqual((double[])[4, 5, 9, 4, 5], Forecast(ForecastBaseline.SeasonalNaive, s_history, 3));
        CollectionAssert.AreEqual((double[])[9, 9, 9, 9, 9], Forecast(ForecastBaseline.SeasonalNaive, s_history, 7), "too short for a season");
        var drift = Forecast(ForecastBaseline.Drift, s_history, 1);
        for (var i = 0; i < drift.Length; i++) Assert.AreEqual(9 + 1.6 * (i + 1), drift[i], 1e-12);
        CollectionAssert.AreEqual((double[])[3, 3, 3, 3, 3], Forecast(ForecastBaseline.Drift, [3], 1), "one value has no slope");
        CollectionAssert.AreEqual((double[])[9, 9, 9, 9, 9], Forecast(ForecastBaseline.Naive2, s_history, 4), "too short to be seasonal");
    }

    [TestMethod]
    public void Naive2_carries_on_a_pure_season()
    {
        double[] season = [2, 4, 6, 4];
        double[] history = [.. Enumerable.Range(0, 41).Select(i => season[i % 4])];
        Assert.IsTrue(Naive2Baseline.IsSeasonal(history, 4));
        var forecast = Forecast(ForecastBaseline.Naive2, history, 4);
        for (var i = 0; i < forecast.Length; i++) Assert.AreEqual(season[(41 + i) % 4], forecast[i], 1e-9);
    }

    [TestMethod]
    public void Naive2_leaves_noise_and_signs_alone()
    {
        var random = new Random(4);
        double[] noise = [.. Enumerable.Range(0, 200).Select(_ => random.NextDouble())];
        Assert.IsFalse(Naive2Baseline.IsSeasonal(noise, 7));
        double[] signs = [.. Enumerable.Range(0, 200).Select(i => Math.Sin(i * Math.PI / 6) + 0.01)];
        Assert.IsTrue(Forecast(ForecastBaseline.Naive2, signs, 12).All(value => double.IsFinite(value) && Math.Abs(value) < 10));
    }

    /// <summary>The competition's own figures for its hourly series: Naive2 18.383 and 2.395, seasonal naive 13.912 and 1.193.</summary>
    [TestMethod]
    public void Baselines_reach_the_published_figures_of_M4_hourly()
    {
        var (train, test) = (GoldenMetrics.HourlyM4("train"), GoldenMetrics.HourlyM4("test"));
        var naive2 = Measure(ForecastBaseline.Naive2);
        Assert.AreEqual(18.383, naive2.SymmetricMeanAbsolutePercentageError, 0.001);
        Assert.AreEqual(2.395, naive2.MeanAbsoluteScaledError, 0.001);
        var seasonal = Measure(ForecastBaseline.SeasonalNaive);
        Assert.AreEqual(13.912, seasonal.SymmetricMeanAbsolutePercentageError, 0.001);
        Assert.AreEqual(1.193, seasonal.MeanAbsoluteScaledError, 0.001);
        Assert.AreEqual(0.628, seasonal.OverallWeightedAverage(naive2), 0.001);

        ForecastMetrics Measure(ForecastBaseline baseline) => ForecastMetrics.Measure(train.Zip(test).SelectMany(series =>
        {
            var forecast = new double[series.Second.Length];
            baseline.Forecast(series.First, 24, forecast);
            var scale = new SeasonalScale(series.First, 24).Absolute(series.First.Length);
            return series.Second.Zip(forecast, (y, f) => new ForecastPoint(y, f) { Scale = scale });
        }));
    }

    private static double[] Forecast(ForecastBaseline baseline, double[] history, int season)
    {
        var forecast = new double[5];
        baseline.Forecast(history, season, forecast);
        return forecast;
    }
}
