using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Charts;

/// <summary>A chart of lines with a common horizontal axis. <see cref="LineChartView"/> draws it as one SVG element.</summary>
public sealed record LineChart
{
    /// <summary>The title above the chart.</summary>
    public required string Title { get; init; }

    /// <summary>A description for readers who cannot see the chart.</summary>
    public required string Description { get; init; }

    /// <summary>The horizontal axis.</summary>
    public required ChartAxis XAxis { get; init; }

    /// <summary>The vertical axis.</summary>
    public required ChartAxis YAxis { get; init; }

    /// <summary>The lines; later ones lie on top.</summary>
    public required ImmutableArray<ChartSeries> Series { get; init; }

    /// <summary>Shaded bands behind the lines.</summary>
    public ImmutableArray<ChartBand> Bands { get; init; } = [];

    /// <summary>Bars behind the bands and the lines.</summary>
    public ImmutableArray<ChartBars> Bars { get; init; } = [];

    /// <summary>Vertical lines.</summary>
    public ImmutableArray<ChartDivider> Dividers { get; init; } = [];

    /// <summary>Width in pixels; the page scales it.</summary>
    public int Width { get; init; } = 960;

    /// <summary>Height in pixels.</summary>
    public int Height { get; init; } = 420;
}
