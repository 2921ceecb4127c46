namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>A baseline that estimates parameters. A back-test with many forecasts reuses them (<see cref="BaselineForecaster"/>).</summary>
internal abstract class FittedBaseline : ForecastBaseline
{
    public sealed override void Forecast(ReadOnlySpan<double> history, int season, Span<double> forecast) => Forecast(Fit(history, season), history, forecast);

    /// <summary>Forecasts the steps after the fitted history; repeats the last value if the forecasts overflow.</summary>
    public static void Forecast(BaselineFit fit, ReadOnlySpan<double> history, Span<double> forecast)
    {
        if (!fit.TryForecast(history, forecast)) forecast.Fill(history[^1]);
    }

    /// <summary>Estimates the parameters.</summary>
    /// <param name="history">The series so far, oldest first, at least one value.</param>
    /// <param name="season">Season length in steps; 1 for none.</param>
    /// <exception cref="ArgumentException">The history is empty or contains a non-finite value.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The season is less than 1.</exception>
    public BaselineFit Fit(ReadOnlySpan<double> history, int season)
    {
        if (history.IsEmpty) throw new ArgumentException("The history is empty: a forecast needs at least one value.", nameof(history));
        ArgumentOutOfRangeException.ThrowIfLessThan(season, 1);
        for (var i = 0; i < history.Length; i++)
        {
            if (!double.IsFinite(history[i]))
                throw new ArgumentException(FormattableString.Invariant(
                    $"The history's value {i} is {history[i]}: fill missing values first, for instance with the previous value."), nameof(history));
        }
        return FitFinite(history, season);
    }

    /// <summary>Estimates the parameters from one or more finite values.</summary>
    protected abstract BaselineFit FitFinite(ReadOnlySpan<double> history, int season);
}
