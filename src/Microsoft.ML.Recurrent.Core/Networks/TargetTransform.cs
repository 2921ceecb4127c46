namespace Microsoft.ML.Recurrent;

/// <summary>The transform of a forecaster's targets, applied before all else and inverted in its forecasts; both are part of the exported graph.</summary>
public enum TargetTransform
{
    /// <summary>No transform.</summary>
    None,

    /// <summary>The natural logarithm, for positive values: multiplicative growth and seasonality become additive.</summary>
    Log,

    /// <summary>The logarithm of 1 + x, for values above -1, such as counts with zeros.</summary>
    Log1p,
}
