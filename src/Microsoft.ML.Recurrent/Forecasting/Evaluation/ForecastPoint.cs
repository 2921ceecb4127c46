namespace Microsoft.ML.Recurrent;

/// <summary>One step of one forecast with its actual value: the input of a <see cref="ForecastMetric"/>.</summary>
/// <param name="Actual">The actual value, in the unit of the series.</param>
/// <param name="Forecast">The forecast.</param>
public readonly record struct ForecastPoint(double Actual, double Forecast)
{
    /// <summary>The lower bound of the interval; NaN for none.</summary>
    public double Lower { get; init; } = double.NaN;

    /// <summary>The upper bound of the interval; NaN for none.</summary>
    public double Upper { get; init; } = double.NaN;

    /// <summary>The target coverage of the interval, between 0 and 1; NaN for none.</summary>
    public double ConfidenceLevel { get; init; } = double.NaN;

    /// <summary>
    /// Mean absolute seasonal difference of the series before the forecast, mean |y[t] - y[t - season]|: the scale of
    /// <see cref="ForecastMetric.MeanAbsoluteScaledError"/>. NaN if unknown.
    /// </summary>
    public double Scale { get; init; } = double.NaN;

    /// <summary>
    /// Mean squared seasonal difference of the series before the forecast: the scale of <see cref="ForecastMetric.RootMeanSquaredScaledError"/>. NaN if
    /// unknown.
    /// </summary>
    public double SquaredScale { get; init; } = double.NaN;

    /// <summary>The forecast distribution; null for none.</summary>
    public ForecastDistribution? Distribution { get; init; }

    /// <summary>The residual, <see cref="Actual"/> minus <see cref="Forecast"/>.</summary>
    public double Residual => Actual - Forecast;
}
