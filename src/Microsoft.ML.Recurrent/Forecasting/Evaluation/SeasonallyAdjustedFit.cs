namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>A fit to a seasonally adjusted series; the season is added back to its forecasts.</summary>
internal sealed class SeasonallyAdjustedFit(SeasonalAdjustment adjustment, BaselineFit inner) : BaselineFit
{
    public override bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        if (!inner.TryForecast(adjustment.Remove(history), forecast)) return false;
        adjustment.Restore(history.Length, forecast);
        return FiniteNumbers.All(forecast);
    }
}
