using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Charts;

/// <summary>A line of a chart.</summary>
/// <param name="Name">The name in the legend.</param>
/// <param name="Points">The points, from left to right.</param>
public sealed record ChartSeries(string Name, ImmutableArray<ChartPoint> Points)
{
    /// <summary>Index of the color in the palette of eight; 0 is the text color.</summary>
    public int Color { get; init; } = 1;

    /// <summary>The line style, which distinguishes lines without color. Default: solid.</summary>
    public LineStyle Style { get; init; }

    /// <summary>Line width in pixels.</summary>
    public double Width { get; init; } = 2;

    /// <summary>Whether each point has a dot. All points show their values under the pointer either way.</summary>
    public bool Dots { get; init; }
}

/// <summary>A shaded band of a chart, such as the interval of a forecast.</summary>
/// <param name="Name">The name in the legend.</param>
/// <param name="Points">The edges, from left to right.</param>
public sealed record ChartBand(string Name, ImmutableArray<BandPoint> Points)
{
    /// <summary>Index of the color in the palette of eight.</summary>
    public int Color { get; init; } = 1;
}

/// <summary>Bars from zero, such as a histogram.</summary>
/// <param name="Name">The name in the legend.</param>
/// <param name="Points">The center and the height of each bar.</param>
/// <param name="Width">Width of a bar, in units of the horizontal axis.</param>
public sealed record ChartBars(string Name, ImmutableArray<ChartPoint> Points, double Width)
{
    /// <summary>Index of the color in the palette of eight.</summary>
    public int Color { get; init; } = 1;
}

/// <summary>A vertical line with a label, such as the end of the training data.</summary>
/// <param name="X">The position, as in <see cref="ChartPoint"/>.</param>
/// <param name="Label">The label, to the right if there is room.</param>
public sealed record ChartDivider(double X, string Label);

/// <summary>The style of a line.</summary>
public enum LineStyle
{
    /// <summary>Solid.</summary>
    Solid,

    /// <summary>Dashed.</summary>
    Dashed,

    /// <summary>Dotted.</summary>
    Dotted,
}
