namespace Microsoft.ML.Recurrent;

/// <summary>
/// How each window is normalised before the network sees it; forecasts are carried back by the same level and scale. Both are nodes of the exported graph.
/// </summary>
public enum WindowNormalization
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>The last value of each channel is subtracted (level shifts between training and later data then do no harm).</summary>
    LastValue,

    /// <summary>The mean of each channel over the window's true steps is subtracted and the result divided by their standard deviation (plus 1e-5), as in RevIN (Kim et al. 2022) without its affine part.</summary>
    Standard,
}
