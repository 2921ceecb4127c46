namespace Microsoft.ML.Recurrent;

/// <summary>The handling of missing values (NaN), for rows of series and rows of windows.</summary>
public enum MissingValueHandling
{
    /// <summary>
    /// <see cref="Mask"/> if training rows have missing values, or if options add some (<see cref="MissingValueOptions.FillTimeGaps"/>,
    /// <see cref="MissingValueOptions.MinimumHistory"/>), else <see cref="Refuse"/>.
    /// </summary>
    Auto,

    /// <summary>
    /// Missing values are ignored in normalization and in the loss. The network sees the mean (or the level of the window) instead, with a missing-value
    /// indicator as an extra feature if training rows have missing values.
    /// </summary>
    Mask,

    /// <summary>Training throws and names the row; a row with missing values in its window has no forecast.</summary>
    Refuse,
}
