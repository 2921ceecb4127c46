namespace Microsoft.ML.Recurrent.Networks.Inputs;

/// <summary>
/// Levels and scales per series, which replace those of the windows: tables [Series, features] in the standardized space of the network. A scale of 0 means
/// unknown: the statistics of the window are used for that feature.
/// </summary>
/// <param name="Series">Rows of the tables. With ids, row 0 is for unknown series and all 0.</param>
/// <param name="HasIds">Whether the rows of a batch have series ids; otherwise there is only one series.</param>
internal sealed record SeriesScaling(int Series, bool HasIds)
{
    /// <summary>
    /// The fraction of training rows normalized by the statistics of their window instead of their series, so that the network learns to forecast unknown
    /// series. 0.25 was chosen on rows held out from the training parts of M4 hourly and metr_la: it improved the forecasts of both known and unknown series.
    /// </summary>
    public const float HiddenShare = 0.25f;

    /// <summary>The parameter names of the tables.</summary>
    public const string LevelName = "series.level", ScaleName = "series.scale";

    /// <summary>Whether a normalization takes the level from the series; otherwise it is the last value of the window, or 0.</summary>
    public static bool HasLevel(WindowNormalization normalization) => normalization is WindowNormalization.Standard or WindowNormalization.Robust;
}
