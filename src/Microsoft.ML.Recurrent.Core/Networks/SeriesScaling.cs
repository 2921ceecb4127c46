namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// Levels and scales of whole series, which take the place of the windows' own: tables [Series, features] in the network's standardised space. A scale of 0 means that there is none: the window's own figures
/// are taken then, for that feature.
/// </summary>
/// <param name="Series">Rows of the tables. With ids row 0 is that of unknown series, all 0.</param>
/// <param name="HasIds">Whether each row of a batch tells its series; else there is one series only.</param>
internal sealed record SeriesScaling(int Series, bool HasIds)
{
    /// <summary>The tables' names.</summary>
    public const string LevelName = "series.level", ScaleName = "series.scale";

    /// <summary>Whether a normalisation takes its level from the series, too: else it is the window's last value, or 0.</summary>
    public static bool HasLevel(WindowNormalization normalization) => normalization is WindowNormalization.Standard or WindowNormalization.Robust;
}
