namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>A fitted baseline. It forecasts from any history that begins with the fitted one, with the same parameters.</summary>
internal abstract class BaselineFit
{
    /// <summary>Forecasts the next steps of a series.</summary>
    /// <param name="history">The fitted history, and the values after it.</param>
    /// <param name="forecast">The steps to fill, the first step first.</param>
    /// <returns>Whether all steps are finite. False if the parameters do not apply to the later values (a multiplicative model and values that are no longer
    /// positive); then refit.</returns>
    public abstract bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast);
}
