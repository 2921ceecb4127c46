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

    /// <summary>
    /// The mean of each channel over the window's true steps is subtracted and the result divided by their standard deviation (plus 1e-5), as in RevIN (Kim et
    /// al. 2022) without its affine part.
    /// </summary>
    Standard,

    /// <summary>
    /// Each channel is divided by the mean of its absolute values over the window (plus 1e-5), as in DeepAR (Salinas et al. 2020): for series of one sign on
    /// scales of their own.
    /// </summary>
    Mean,

    /// <summary>
    /// The median of each channel over the window is subtracted and the result divided by the distance of the quartiles over 1.349 (which is a normal
    /// distribution's standard deviation; where the quartiles are equal by the standard deviation itself), plus 1e-5: outliers do not move it.
    /// </summary>
    Robust,

    /// <summary>
    /// As <see cref="LastValue"/>, and the layers see each channel's steps from value to value instead of the values; forecasts are differences from the last
    /// value. Where steps are forecast one after the other, what is fed on are such steps, too, and a recursive forecaster answers with the step from the value
    /// before.
    /// </summary>
    Difference,
}
