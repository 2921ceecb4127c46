namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>A fit to a series without its season, which its forecasts are given back.</summary>
internal sealed class SeasonallyAdjustedFit(SeasonalAdjustment adjustment, BaselineFit inner) : BaselineFit
{
    public override bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        if (!inner.TryForecast(adjustment.Remove(history), forecast)) return false;
        adjustment.Restore(history.Length, forecast);
        foreach (var value in forecast)
        {
            if (!double.IsFinite(value)) return false;
        }
        return true;
    }
}
