namespace Microsoft.ML.Recurrent;

/// <summary>The source of the statistics that normalize a forecaster's windows.</summary>
public enum NormalizationScope
{
    /// <summary>Each window: the network sees the same values whatever the level and spread of the series.</summary>
    Window,

    /// <summary>
    /// Each series, from its training rows: the position of a window relative to its series stays visible, and a flat window of a volatile series differs from
    /// one of a calm series. The statistics are part of the model, looked up by series name. A series not seen in training, or seen for less than a window,
    /// uses the statistics of its windows.
    /// </summary>
    Series,
}
