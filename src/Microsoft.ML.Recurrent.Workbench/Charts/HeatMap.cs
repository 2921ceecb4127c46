using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Charts;

/// <summary>A heat map: a table of numbers as colored cells. <see cref="HeatMapView"/> draws it as one SVG element.</summary>
public sealed record HeatMap
{
    /// <summary>The title above the map.</summary>
    public required string Title { get; init; }

    /// <summary>A description for readers who cannot see the map.</summary>
    public required string Description { get; init; }

    /// <summary>The title of the columns.</summary>
    public required string ColumnTitle { get; init; }

    /// <summary>The title of the rows.</summary>
    public required string RowTitle { get; init; }

    /// <summary>The title of the values, with the unit if there is one.</summary>
    public required string ValueTitle { get; init; }

    /// <summary>The names of the columns, from left to right.</summary>
    public required ImmutableArray<string> Columns { get; init; }

    /// <summary>The names of the rows, from top to bottom.</summary>
    public required ImmutableArray<string> Rows { get; init; }

    /// <summary>The values by row and column; NaN leaves the cell empty.</summary>
    public required ImmutableArray<ImmutableArray<double>> Values { get; init; }

    /// <summary>Width in pixels; the page scales it.</summary>
    public int Width { get; init; } = 960;

    /// <summary>Maximum height of a row in pixels; less if there are many rows.</summary>
    public int RowHeight { get; init; } = 18;
}
