namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>How far forecasts lie from what happened.</summary>
/// <param name="Rmse">Root of the mean squared error, in the series' unit.</param>
/// <param name="Mae">Mean absolute error, in the series' unit.</param>
/// <param name="Smape">Symmetric mean absolute percentage error as in the M4 competition: the mean of 200 |y - f| / (|y| + |f|), 0 to 200; a step where both are 0 counts as 0.</param>
/// <param name="Mase">Mean absolute scaled error (Hyndman and Koehler 2006): <paramref name="Mae"/> over the mean absolute error of the seasonal naive forecast within the training part; below 1 is better than that.</param>
public sealed record ForecastErrors(double Rmse, double Mae, double Smape, double Mase)
{
    /// <summary>Measures a forecast.</summary>
    /// <param name="actual">What happened.</param>
    /// <param name="forecast">What was forecast, as long.</param>
    /// <param name="training">The series before the forecast, for the scale of <see cref="Mase"/>.</param>
    /// <param name="season">Steps of a season, 1 for none; the training part is longer.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static ForecastErrors Measure(ReadOnlySpan<double> actual, ReadOnlySpan<double> forecast, ReadOnlySpan<double> training, int season)
    {
        if (actual.IsEmpty) throw new ArgumentException("There is nothing to compare.", nameof(actual));
        if (forecast.Length != actual.Length) throw new ArgumentException($"{forecast.Length} forecasts for {actual.Length} values.", nameof(forecast));
        if (season < 1) throw new ArgumentOutOfRangeException(nameof(season), season, "A season has one step or more.");
        if (training.Length <= season) throw new ArgumentException($"The training part ({training.Length} values) has to be longer than a season ({season}).", nameof(training));

        ForecastMetrics metrics = ForecastMetrics.Measure(actual, forecast, training, season);
        return new(metrics.RootMeanSquaredError, metrics.MeanAbsoluteError, metrics.SymmetricMeanAbsolutePercentageError, metrics.MeanAbsoluteScaledError);
    }
}
