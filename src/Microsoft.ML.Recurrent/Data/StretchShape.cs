namespace Microsoft.ML.Recurrent.Data;

/// <summary>The shape of the stretches that a forecaster is trained on.</summary>
/// <param name="Window">Rows of a window.</param>
/// <param name="Horizon">Rows after a position that it forecasts.</param>
/// <param name="WarmUp">Rows that the layers read up to the first position, itself among them; at most a window.</param>
/// <param name="Positions">The most positions of a stretch.</param>
/// <param name="Stride">Rows from one position to the next.</param>
internal sealed record StretchShape(int Window, int Horizon, int WarmUp, int Positions, int Stride)
{
    // Twice a window of positions after half a window of warm-up: 1.25 steps are read for a forecast. Chosen on validation windows.
    private const int LeastPositions = 32;

    /// <summary>The default shape for a window and a horizon.</summary>
    public static StretchShape For(int window, int horizon, int stride) =>
        new(window, horizon, Math.Max(1, window / 2), Math.Max(LeastPositions, 2 * window / stride), stride);
}
