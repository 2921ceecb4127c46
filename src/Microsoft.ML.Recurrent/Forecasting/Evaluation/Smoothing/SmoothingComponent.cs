namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>The form of a component of an exponential smoothing model: none, additive or multiplicative.</summary>
internal enum SmoothingComponent
{
    None,
    Additive,
    Multiplicative,
}
