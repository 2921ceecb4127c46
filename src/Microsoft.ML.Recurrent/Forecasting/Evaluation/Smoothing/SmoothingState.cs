namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>The state of the recursion: level, slope, season, and the position of the next step in the season.</summary>
internal ref struct SmoothingState
{
    public double Level, Slope;
    public int Place;
    public readonly Span<double> Season;

    /// <param name="parameters">The parameters with the initial states.</param>
    /// <param name="season">Buffer for the season.</param>
    public SmoothingState(in SmoothingParameters parameters, Span<double> season)
    {
        (Level, Slope) = (parameters.Level, parameters.Slope);
        Season = season[..parameters.Season.Length];
        parameters.Season.CopyTo(Season);
    }
}
