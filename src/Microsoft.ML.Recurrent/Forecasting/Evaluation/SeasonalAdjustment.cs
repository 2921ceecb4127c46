namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>Removes a season from a series and adds it back: by factors, or by differences if factors do not apply.</summary>
internal sealed class SeasonalAdjustment
{
    /// <summary>The two-sided 90% point of the normal distribution.</summary>
    private const double Significance = 1.6448536269514722;

    /// <summary>Smaller factors would inflate values; the limit of R's thetaf.</summary>
    private const double LeastFactor = 1e-4;

    private readonly double[] _season;
    private readonly bool _isFactor;

    private SeasonalAdjustment(double[] season, bool isFactor) => (_season, _isFactor) = (season, isFactor);

    /// <summary>
    /// Estimates the season of a series by classical decomposition. Requires more than two seasons of history, and an autocorrelation at one season that is
    /// significant at 90%. Uses factors for series without negative values, unless a factor is almost zero; else differences.
    /// </summary>
    /// <returns>The adjustment; null if the series is not seasonal.</returns>
    public static SeasonalAdjustment? Find(ReadOnlySpan<double> history, int season)
    {
        if (season <= 1 || history.Length <= 2L * season || !SeasonalDecomposition.IsSignificant(history, season, Significance)) return null;
        var isNegative = false;
        foreach (var value in history) isNegative |= value < 0;
        if (!isNegative && SeasonalDecomposition.Factors(history, season) is var factors && Array.TrueForAll(factors, factor => factor >= LeastFactor))
            return new(factors, isFactor: true);
        return new(SeasonalDecomposition.Differences(history, season), isFactor: false);
    }

    /// <summary>The seasonally adjusted series.</summary>
    public double[] Remove(ReadOnlySpan<double> history)
    {
        var adjusted = new double[history.Length];
        for (var i = 0; i < adjusted.Length; i++) adjusted[i] = _isFactor ? history[i] / _season[i % _season.Length] : history[i] - _season[i % _season.Length];
        return adjusted;
    }

    /// <summary>Adds the season back to the steps after a history of some length.</summary>
    public void Restore(int length, Span<double> forecast)
    {
        for (var i = 0; i < forecast.Length; i++)
        {
            var season = _season[(length + i) % _season.Length];
            forecast[i] = _isFactor ? forecast[i] * season : forecast[i] + season;
        }
    }
}
