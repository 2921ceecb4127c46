using Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>
/// Exponential smoothing with the form chosen by AICc (Hyndman, Koehler, Snyder and Grose 2002; R's ets). With more than 24 steps per season, a model would
/// have too many states: the series is seasonally adjusted first.
/// </summary>
internal sealed class EtsBaseline : FittedBaseline
{
    public override string Name => "ETS";

    protected override BaselineFit FitFinite(ReadOnlySpan<double> history, int season)
    {
        if (season <= SmoothingFit.MaximumPeriod) return SmoothingFit.Choose(history, season);
        return SeasonalAdjustment.Find(history, season) is { } adjustment
            ? new SeasonallyAdjustedFit(adjustment, SmoothingFit.Choose(adjustment.Remove(history), 1))
            : SmoothingFit.Choose(history, 1);
    }
}
