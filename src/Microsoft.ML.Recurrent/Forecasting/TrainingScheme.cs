namespace Microsoft.ML.Recurrent;

/// <summary>What a forecaster is trained on.</summary>
public enum TrainingScheme
{
    /// <summary>Windows one by one: each is encoded from its first step on.</summary>
    Windows,

    /// <summary>
    /// Stretches of series: a stretch is encoded once, and each of its steps after a warm-up forecasts the horizon (forking sequences, Wen et al. 2017, "A
    /// Multi-Horizon Quantile Recurrent Forecaster"). The work of a step is then done once instead of once for each window that it is in. A trained forecaster
    /// reads one window, as ever.
    /// </summary>
    Stretches,
}
