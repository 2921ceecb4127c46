namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// The positions of a batch of stretches (forking sequences, Wen et al. 2017): a stretch is encoded once, and a forecast is made at each of its positions. What
/// a batch holds by forecast is ordered by position, then by stretch: that of position k of stretch r has the index k x stretches + r.
/// </summary>
/// <param name="Window">Steps of a window: those up to a position from which its level and its linear forecast come.</param>
/// <param name="WarmUp">Steps that the layers read up to the first position, itself among them; at most <paramref name="Window"/>.</param>
/// <param name="Count">Positions of a stretch.</param>
/// <param name="Stride">Steps from one position to the next.</param>
/// <param name="Targets">The leading features of a step that are forecast.</param>
internal readonly record struct StretchPositions(int Window, int WarmUp, int Count, int Stride, int Targets)
{
    /// <summary>Steps of a stretch.</summary>
    public int Steps => Window + (Count - 1) * Stride;

    /// <summary>The step from which on the layers read.</summary>
    public int EncodedFrom => Window - WarmUp;

    /// <summary>The step of a position.</summary>
    public int StepOf(int position) => Window - 1 + position * Stride;
}
