namespace Microsoft.ML.Recurrent;

/// <summary>
/// The normalization of each window before the network; forecasts are mapped back by the same level and scale. Both are part of the exported graph.
/// </summary>
public enum WindowNormalization
{
    /// <summary>No normalization.</summary>
    None,

    /// <summary>Subtracts the last value of each channel, so that level shifts after training do no harm.</summary>
    LastValue,

    /// <summary>
    /// Subtracts the mean of each channel over the valid steps of the window and divides by their standard deviation (plus 1e-5), like RevIN (Kim et al. 2022)
    /// without the affine part.
    /// </summary>
    Standard,

    /// <summary>
    /// Divides each channel by the mean of its absolute values over the window (plus 1e-5), as in DeepAR (Salinas et al. 2020). For series of one sign with
    /// different scales.
    /// </summary>
    Mean,

    /// <summary>
    /// Subtracts the median of each channel over the window and divides by the interquartile range / 1.349 (the standard deviation of a normal distribution)
    /// plus 1e-5, or by the standard deviation if the quartiles are equal. Robust to outliers.
    /// </summary>
    Robust,

    /// <summary>
    /// Like <see cref="LastValue"/>, but the layers see the differences of consecutive values; forecasts are differences from the last value. A decoder is fed
    /// differences too, and a recursive forecaster outputs the difference from the previous value.
    /// </summary>
    Difference,
}
