namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>How a part of an exponential smoothing model enters: not at all, as a sum, as a factor.</summary>
internal enum SmoothingComponent
{
    None,
    Additive,
    Multiplicative,
}
