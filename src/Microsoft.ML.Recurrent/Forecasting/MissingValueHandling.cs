namespace Microsoft.ML.Recurrent;

/// <summary>What a forecaster does with numbers that are missing (NaN), in rows that are series and in rows that hold windows.</summary>
public enum MissingValueHandling
{
    /// <summary>As <see cref="Mask"/> where the training rows lack numbers, else as <see cref="Refuse"/>.</summary>
    Auto,

    /// <summary>
    /// Missing numbers count for nothing where windows are normalised and in the loss; the network sees the mean (or the window's level) in their place, beside
    /// a further feature that says that they are missing (where the training rows lack some: else nothing could be learned of it).
    /// </summary>
    Mask,

    /// <summary>Training fails and names the row; a row whose window lacks numbers has no forecast.</summary>
    Refuse,
}
