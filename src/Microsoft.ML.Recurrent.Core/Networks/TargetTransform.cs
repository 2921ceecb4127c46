namespace Microsoft.ML.Recurrent;

/// <summary>
/// What is done with each value of a forecaster's targets before all else, and undone in its forecasts; both are nodes of the exported graph.
/// </summary>
public enum TargetTransform
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The natural logarithm, for values above 0: growth and seasons that multiply become ones that add.</summary>
    Log,

    /// <summary>The logarithm of 1 + x, for values above -1: counts, zeros among them.</summary>
    Log1p,
}
