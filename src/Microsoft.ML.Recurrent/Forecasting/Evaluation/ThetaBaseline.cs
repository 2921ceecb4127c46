using Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>
/// The Theta method of Assimakopoulos and Nikolopoulos 2000, in its equivalent form (Hyndman and Billah 2003): simple exponential smoothing with half the slope
/// of the trend line as drift.
/// </summary>
internal sealed class ThetaBaseline : FittedBaseline
{
    public override string Name => "Theta";

    protected override BaselineFit FitFinite(ReadOnlySpan<double> history, int season) =>
        SeasonalAdjustment.Find(history, season) is { } adjustment
            ? new SeasonallyAdjustedFit(adjustment, new Lines(adjustment.Remove(history)))
            : new Lines(history);

    private sealed class Lines : BaselineFit
    {
        private readonly SmoothingModel _smoothing;
        private readonly double _drift;

        public Lines(ReadOnlySpan<double> series)
        {
            _smoothing = SmoothingFit.Fit(SmoothingForm.Simple, series);
            _drift = SmoothingStart.Line(series).Slope / 2;
        }

        public override bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast)
        {
            if (!_smoothing.TryForecast(history, forecast)) return false;
            var alpha = _smoothing.Parameters.Alpha;
            var lag = (1 - Math.Pow(1 - alpha, history.Length)) / alpha;
            for (var i = 0; i < forecast.Length; i++)
            {
                forecast[i] += _drift * (i + lag);
                if (!double.IsFinite(forecast[i])) return false;
            }
            return true;
        }
    }
}
