namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>
/// Levels and scales of whole series, which take the place of the windows' own: tables [Series, features] in the network's standardised space. A scale of 0
/// means that there is none: the window's own figures are taken then, for that feature.
/// </summary>
/// <param name="Series">Rows of the tables. With ids row 0 is that of unknown series, all 0.</param>
/// <param name="HasIds">Whether each row of a batch tells its series; else there is one series only.</param>
internal sealed record SeriesScaling(int Series, bool HasIds)
{
    /// <summary>
    /// The share of rows that training shows without their series' figures, by their windows' own, so that series that it does not meet are no stranger to the
    /// network. 0.25 was chosen by rows that were held back from the training parts of M4 hourly and metr_la: both the series that training met and those that
    /// it did not were forecast better so.
    /// </summary>
    public const float HiddenShare = 0.25f;

    /// <summary>The tables' names.</summary>
    public const string LevelName = "series.level", ScaleName = "series.scale";

    /// <summary>Whether a normalisation takes its level from the series, too: else it is the window's last value, or 0.</summary>
    public static bool HasLevel(WindowNormalization normalization) => normalization is WindowNormalization.Standard or WindowNormalization.Robust;
}
