namespace Microsoft.ML.Recurrent.Data;

/// <summary>The shape of the stretches that a forecaster is trained on.</summary>
/// <param name="Window">Rows of a window.</param>
/// <param name="Horizon">Rows after a position that it forecasts.</param>
/// <param name="WarmUp">Rows that the layers read up to the first position, itself among them; at most a window.</param>
/// <param name="Positions">The most positions of a stretch.</param>
/// <param name="Stride">Rows from one position to the next.</param>
internal sealed record StretchShape(int Window, int Horizon, int WarmUp, int Positions, int Stride)
{
    // Half a window of warm-up and half a window of positions: two steps are read for a forecast. Chosen on the validation windows of ETTh1, metr_la and M4
    // hourly, where batches of fewer but longer stretches (two windows of positions) came to worse losses, as their forecasts have more in common.
    private const int LeastWarmUp = 12, LeastPositions = 6;

    /// <summary>The default shape for a window and a horizon.</summary>
    /// <param name="window">Rows of a window.</param>
    /// <param name="horizon">Rows that are forecast.</param>
    /// <param name="stride">Rows from one position to the next.</param>
    /// <param name="isAttended">Whether each position reads the states of all steps of its window, so that all are there.</param>
    public static StretchShape For(int window, int horizon, int stride, bool isAttended = false) =>
        new(window, horizon, isAttended ? window : Math.Min(window, Math.Max(LeastWarmUp, window / 2)), Math.Max(LeastPositions, window / 2 / stride), stride);
}
