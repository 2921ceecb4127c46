namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>The Naive2 forecast of the M4 competition (Makridakis, Spiliotis and Assimakopoulos 2020).</summary>
internal sealed class Naive2Baseline : ForecastBaseline
{
    /// <summary>The two-sided 90% point of the normal distribution, as in the competition.</summary>
    private const double Significance = 1.645;

    public override string Name => "Naive2";

    public override void Forecast(ReadOnlySpan<double> history, int season, Span<double> forecast)
    {
        var indices = IsSeasonal(history, season) ? SeasonalDecomposition.Factors(history, season) : null;
        // Seasonal indices of 0 or less (series that change sign) cannot be used as factors.
        if (indices is null || indices.Any(index => !(index > 0)))
        {
            forecast.Fill(history[^1]);
            return;
        }
        var level = history[^1] / indices[(history.Length - 1) % season];
        for (var i = 0; i < forecast.Length; i++) forecast[i] = level * indices[(history.Length + i) % season];
    }

    /// <summary>Whether the autocorrelation at one season is significant, with at least three seasons.</summary>
    public static bool IsSeasonal(ReadOnlySpan<double> history, int season) =>
        season > 1 && history.Length >= 3 * season && SeasonalDecomposition.IsSignificant(history, season, Significance);
}
