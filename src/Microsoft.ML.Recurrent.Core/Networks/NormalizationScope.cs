namespace Microsoft.ML.Recurrent;

/// <summary>Where the figures by which a forecaster's windows are normalised come from.</summary>
public enum NormalizationScope
{
    /// <summary>Each window has its own: whatever level and spread a series has come to, the network sees the same.</summary>
    Window,

    /// <summary>
    /// Each series has its own, of its training rows: how a window stands beside the whole series stays visible, and a flat window of a lively series is told
    /// from one of a quiet series. They are part of the model, looked up by the series' name. A series that training did not meet, or met for less than a
    /// window, is normalised by its windows' own figures.
    /// </summary>
    Series,
}
