namespace Microsoft.ML.Recurrent.Workbench.Charts;

/// <summary>A point of a chart, in the units of its axes. A point whose <paramref name="Y"/> is NaN breaks the line.</summary>
/// <param name="X">The horizontal value; on a time axis an OLE automation date (<see cref="DateTime.ToOADate"/>).</param>
/// <param name="Y">The vertical value.</param>
public readonly record struct ChartPoint(double X, double Y)
{
    /// <summary>A point of a time axis.</summary>
    /// <param name="time">Its time.</param>
    /// <param name="y">The vertical value.</param>
    public ChartPoint(DateTime time, double y) : this(time.ToOADate(), y)
    {
    }
}

/// <summary>One step of a band, in the units of the axes.</summary>
/// <param name="X">The horizontal value, as in <see cref="ChartPoint"/>.</param>
/// <param name="Lower">Its lower edge.</param>
/// <param name="Upper">Its upper edge.</param>
public readonly record struct BandPoint(double X, double Lower, double Upper);
