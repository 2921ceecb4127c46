namespace Microsoft.ML.Recurrent.Workbench.Charts;

/// <summary>A point of a chart, in the units of its axes. If <paramref name="Y"/> is NaN, the line is interrupted.</summary>
/// <param name="X">The horizontal value; for a time axis an OLE automation date (<see cref="DateTime.ToOADate"/>).</param>
/// <param name="Y">The vertical value.</param>
public readonly record struct ChartPoint(double X, double Y)
{
    /// <summary>A point with a time.</summary>
    /// <param name="time">The time.</param>
    /// <param name="y">The vertical value.</param>
    public ChartPoint(DateTime time, double y) : this(time.ToOADate(), y)
    {
    }
}

/// <summary>One step of a band, in the units of the axes.</summary>
/// <param name="X">The horizontal value, as in <see cref="ChartPoint"/>.</param>
/// <param name="Lower">The lower edge.</param>
/// <param name="Upper">The upper edge.</param>
public readonly record struct BandPoint(double X, double Lower, double Upper);
