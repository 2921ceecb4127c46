namespace Microsoft.ML.Recurrent;

/// <summary>What a regression or a forecaster minimises, over standardised errors.</summary>
public enum RegressionLoss
{
    /// <summary>The squared error: forecasts are means.</summary>
    SquaredError,

    /// <summary>The absolute error: forecasts are medians, and outliers count less.</summary>
    AbsoluteError,

    /// <summary>Huber's loss, squared up to one standard deviation and linear beyond (Huber 1964); a regression may set another bound.</summary>
    Huber,

    /// <summary>
    /// The pinball loss (Koenker and Bassett 1978): of a regression, whose answers then are a quantile. A forecaster has the likelihood of quantiles instead.
    /// </summary>
    Quantile,

    /// <summary>The logarithm of the error's hyperbolic cosine: like Huber's loss, smooth everywhere.</summary>
    LogCosh,
}
