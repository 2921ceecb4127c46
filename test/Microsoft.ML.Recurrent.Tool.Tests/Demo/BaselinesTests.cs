using Microsoft.ML.Recurrent.Tool.Demo;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tool.Tests.Demo;

[TestClass]
public sealed class BaselinesTests
{
    private static readonly double[] s_values = [.. AirlinePassengers.Months.Select(month => month.Value)];

    [TestMethod]
    public void Grow_the_last_season()
    {
        CollectionAssert.AreEqual((double[])[8, 12, 16, 24, 32], Forecast(new SeasonalGrowthBaseline(), [1, 2, 2, 3, 4, 6], 5, season: 2));
        CollectionAssert.AreEqual((double[])[2, 3, 2], Forecast(new SeasonalGrowthBaseline(), [1, 2, 3], 3, season: 2), "no growth is known");
    }

    /// <summary>Published results for this data set.</summary>
    [TestMethod]
    public void Reach_the_known_errors()
    {
        var training = s_values[..^24];
        Assert.AreEqual(77.0, Rmse(Forecast(ForecastBaseline.SeasonalNaive, training, 24, 12)), 0.05);
        Assert.AreEqual(56.4, Rmse(Forecast(new SeasonalGrowthBaseline(), training, 24, 12)), 0.05);
    }

    private static double Rmse(double[] forecast) => ForecastMetrics.Measure(s_values[^24..], forecast, s_values[..^24], 12).RootMeanSquaredError;

    private static double[] Forecast(ForecastBaseline baseline, double[] history, int horizon, int season)
    {
        var forecast = new double[horizon];
        baseline.Forecast(history, season, forecast);
        return forecast;
    }
}
