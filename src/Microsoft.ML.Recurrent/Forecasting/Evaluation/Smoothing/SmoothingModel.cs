namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>A fitted exponential smoothing model.</summary>
internal sealed class SmoothingModel : BaselineFit
{
    public SmoothingModel(SmoothingForm form, SmoothingParameters parameters, double correctedAic) =>
        (Form, Parameters, CorrectedAic) = (form, parameters, correctedAic);

    public SmoothingForm Form { get; }

    /// <summary>The weights, and the initial states in the unit of the series.</summary>
    public SmoothingParameters Parameters { get; }

    /// <summary>The AIC corrected for short series (AICc), without the constants of the likelihood, as in R's forecast.</summary>
    public double CorrectedAic { get; }

    /// <summary>The model that repeats the last value, for series too short to fit.</summary>
    public static SmoothingModel LastValue(ReadOnlySpan<double> series) =>
        new(SmoothingForm.Simple, new() { Alpha = 1, Phi = 1, Level = series[0], Season = [0] }, double.PositiveInfinity);

    public override bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        var state = new SmoothingState(Parameters, stackalloc double[Parameters.Season.Length]);
        if (!SmoothingRecursion.Run(Form, Parameters, history, ref state, out _)) return false;
        SmoothingRecursion.Forecast(Form, Parameters, ref state, forecast);
        return FiniteNumbers.All(forecast);
    }
}
