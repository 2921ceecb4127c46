namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>What a baseline has estimated from a history. It forecasts from any history that begins with that one, its parameters kept.</summary>
internal abstract class BaselineFit
{
    /// <summary>Forecasts the next steps of a series.</summary>
    /// <param name="history">The history that was fitted, and what came after it.</param>
    /// <param name="forecast">The steps to fill, the next one first.</param>
    /// <returns>Whether all steps are finite: false where the parameters have no meaning for the later values (a model of factors for a series that has left
    /// the positive numbers). Then it has to be fitted anew.</returns>
    public abstract bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast);
}
