namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>Where a recursion stands: level, slope, season, and the next step's place in the season.</summary>
internal ref struct SmoothingState
{
    public double Level, Slope;
    public int Place;
    public readonly Span<double> Season;

    /// <param name="parameters">The states before the first value are taken from them.</param>
    /// <param name="season">Memory for the season.</param>
    public SmoothingState(in SmoothingParameters parameters, Span<double> season)
    {
        (Level, Slope) = (parameters.Level, parameters.Slope);
        Season = season[..parameters.Season.Length];
        parameters.Season.CopyTo(Season);
    }
}
