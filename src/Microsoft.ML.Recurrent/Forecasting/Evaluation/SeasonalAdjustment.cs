namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>A season to be taken out of a series and put back: factors, or differences where a series has no meaning for factors.</summary>
internal sealed class SeasonalAdjustment
{
    /// <summary>The two-sided 90% point of the normal distribution.</summary>
    private const double Significance = 1.6448536269514722;

    /// <summary>Factors below this would blow a value up, as R's thetaf has it.</summary>
    private const double LeastFactor = 1e-4;

    private readonly double[] _season;
    private readonly bool _isFactor;

    private SeasonalAdjustment(double[] season, bool isFactor) => (_season, _isFactor) = (season, isFactor);

    /// <summary>
    /// The season of a series by classical decomposition, where there is one: more than two seasons of history, and an autocorrelation at one season that is
    /// significant at 90%. Factors for series without negative values, unless a factor is all but zero; else differences.
    /// </summary>
    /// <returns>The adjustment; null where the series is not seasonal.</returns>
    public static SeasonalAdjustment? Find(ReadOnlySpan<double> history, int season)
    {
        if (season <= 1 || history.Length <= 2L * season || !SeasonalDecomposition.IsSignificant(history, season, Significance)) return null;
        var isNegative = false;
        foreach (var value in history) isNegative |= value < 0;
        if (!isNegative && SeasonalDecomposition.Factors(history, season) is var factors && Array.TrueForAll(factors, factor => factor >= LeastFactor))
            return new(factors, isFactor: true);
        return new(SeasonalDecomposition.Differences(history, season), isFactor: false);
    }

    /// <summary>A series without its season.</summary>
    public double[] Remove(ReadOnlySpan<double> history)
    {
        var adjusted = new double[history.Length];
        for (var i = 0; i < adjusted.Length; i++) adjusted[i] = _isFactor ? history[i] / _season[i % _season.Length] : history[i] - _season[i % _season.Length];
        return adjusted;
    }

    /// <summary>Gives the steps after a history of some length their season back.</summary>
    public void Restore(int length, Span<double> forecast)
    {
        for (var i = 0; i < forecast.Length; i++)
        {
            var season = _season[(length + i) % _season.Length];
            forecast[i] = _isFactor ? forecast[i] * season : forecast[i] + season;
        }
    }
}
