using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Charts;

/// <summary>A table of numbers drawn as coloured cells. <see cref="HeatMapView"/> draws it as one SVG element.</summary>
public sealed record HeatMap
{
    /// <summary>The title above the map.</summary>
    public required string Title { get; init; }

    /// <summary>What the map shows, for those who cannot see it.</summary>
    public required string Description { get; init; }

    /// <summary>What the columns are.</summary>
    public required string ColumnTitle { get; init; }

    /// <summary>What the rows are.</summary>
    public required string RowTitle { get; init; }

    /// <summary>What a cell's number is, with the unit where there is one.</summary>
    public required string ValueTitle { get; init; }

    /// <summary>The columns' names, from left to right.</summary>
    public required ImmutableArray<string> Columns { get; init; }

    /// <summary>The rows' names, from the top down.</summary>
    public required ImmutableArray<string> Rows { get; init; }

    /// <summary>A number for each column of each row; NaN leaves the cell empty.</summary>
    public required ImmutableArray<ImmutableArray<double>> Values { get; init; }

    /// <summary>Width in pixels; the page scales it.</summary>
    public int Width { get; init; } = 960;

    /// <summary>Height of a row in pixels at the most; many rows are lower.</summary>
    public int RowHeight { get; init; } = 18;
}
