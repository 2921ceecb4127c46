using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Charts;

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Its points, from left to right.</param>
public sealed record ChartSeries(string Name, ImmutableArray<ChartPoint> Points)
{
    /// <summary>Which of the eight colours of the palette; 0 is that of the text.</summary>
    public int Color { get; init; } = 1;

    /// <summary>How the line is drawn, so that lines differ without their colours too. Solid by default.</summary>
    public LineStyle Style { get; init; }

    /// <summary>Width of the line in pixels.</summary>
    public double Width { get; init; } = 2;

    /// <summary>Whether each point has a dot. Every point tells its figures under the pointer either way.</summary>
    public bool Dots { get; init; }
}

/// <summary>A shaded band of a chart, for instance an interval around a forecast.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Its edges, from left to right.</param>
public sealed record ChartBand(string Name, ImmutableArray<BandPoint> Points)
{
    /// <summary>Which of the eight colours of the palette.</summary>
    public int Color { get; init; } = 1;
}

/// <summary>Bars that stand on zero, for instance a histogram.</summary>
/// <param name="Name">Their name in the legend.</param>
/// <param name="Points">The middle of each bar's foot, and its height.</param>
/// <param name="Width">Width of a bar, in the units of the horizontal axis.</param>
public sealed record ChartBars(string Name, ImmutableArray<ChartPoint> Points, double Width)
{
    /// <summary>Which of the eight colours of the palette.</summary>
    public int Color { get; init; } = 1;
}

/// <summary>A vertical line with a word beside it, for instance where training data ends.</summary>
/// <param name="X">Where, as in <see cref="ChartPoint"/>.</param>
/// <param name="Label">What it says, to the right of it where there is room.</param>
public sealed record ChartDivider(double X, string Label);

/// <summary>How a line is drawn.</summary>
public enum LineStyle
{
    /// <summary>Unbroken.</summary>
    Solid,

    /// <summary>Of dashes.</summary>
    Dashed,

    /// <summary>Of dots.</summary>
    Dotted,
}
