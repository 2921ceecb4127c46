namespace Microsoft.ML.Recurrent;

/// <summary>One step of one forecast beside what happened: all that a <see cref="ForecastMetric"/> looks at.</summary>
/// <param name="Actual">What happened, in the series' unit.</param>
/// <param name="Forecast">What was forecast.</param>
public readonly record struct ForecastPoint(double Actual, double Forecast)
{
    /// <summary>The interval's lower bound; NaN where there is no interval.</summary>
    public double Lower { get; init; } = double.NaN;

    /// <summary>The interval's upper bound; NaN where there is no interval.</summary>
    public double Upper { get; init; } = double.NaN;

    /// <summary>The share of values that the interval is meant to enclose, between 0 and 1; NaN where there is no interval.</summary>
    public double ConfidenceLevel { get; init; } = double.NaN;

    /// <summary>
    /// Mean absolute seasonal difference of the series before the forecast, mean |y[t] - y[t - season]|: the scale of
    /// <see cref="ForecastMetric.MeanAbsoluteScaledError"/>. NaN where it is not known.
    /// </summary>
    public double Scale { get; init; } = double.NaN;

    /// <summary>
    /// Mean squared seasonal difference of the series before the forecast: the scale of <see cref="ForecastMetric.RootMeanSquaredScaledError"/>. NaN where it
    /// is not known.
    /// </summary>
    public double SquaredScale { get; init; } = double.NaN;

    /// <summary>The whole distribution that was forecast; null where there is none.</summary>
    public ForecastDistribution? Distribution { get; init; }

    /// <summary>The residual, <see cref="Actual"/> minus <see cref="Forecast"/>.</summary>
    public double Residual => Actual - Forecast;
}
