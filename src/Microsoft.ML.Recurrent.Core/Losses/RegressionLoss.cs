namespace Microsoft.ML.Recurrent;

/// <summary>The loss of a regression or forecaster, on standardized errors.</summary>
public enum RegressionLoss
{
    /// <summary>The squared error: predicts means.</summary>
    SquaredError,

    /// <summary>The absolute error: predicts medians, robust to outliers.</summary>
    AbsoluteError,

    /// <summary>Huber loss, squared up to one standard deviation and linear beyond (Huber 1964); a regression can set another threshold.</summary>
    Huber,

    /// <summary>
    /// The pinball loss (Koenker and Bassett 1978), regressions only: predicts a quantile. For forecasters, use the quantile likelihood instead.
    /// </summary>
    Quantile,

    /// <summary>The logarithm of the hyperbolic cosine of the error: like Huber loss, but smooth everywhere.</summary>
    LogCosh,
}
