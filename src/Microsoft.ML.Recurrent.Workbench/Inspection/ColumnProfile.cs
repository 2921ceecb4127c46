using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>What the values of a column are, over all rows of a table.</summary>
/// <param name="Name">The name of the column.</param>
/// <param name="Kind">The kind of its values.</param>
/// <param name="Rows">The rows of the table.</param>
/// <param name="Missing">The rows without a value.</param>
public sealed record ColumnProfile(string Name, ColumnKind Kind, long Rows, long Missing)
{
    /// <summary>Different values are counted up to this number.</summary>
    public const int MostDistinct = 10_000;

    /// <summary>The number of different values, or one more than <see cref="MostDistinct"/> where there are more.</summary>
    public int Distinct { get; init; }

    /// <summary>Of numbers: the smallest.</summary>
    public double? Minimum { get; init; }

    /// <summary>Of numbers: the largest.</summary>
    public double? Maximum { get; init; }

    /// <summary>Of numbers: their mean.</summary>
    public double? Mean { get; init; }

    /// <summary>Whether all numbers are whole.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Of times in text: how they are written.</summary>
    public TimeFormat? TimeFormat { get; init; }

    /// <summary>Of times: another way to read them, with day and month exchanged, if no row tells which is right.</summary>
    public TimeFormat? OtherTimeFormat { get; init; }

    /// <summary>The first and the last time by <see cref="OtherTimeFormat"/>.</summary>
    public (DateTime First, DateTime Last)? OtherSpan { get; init; }

    /// <summary>Of times: the first and the last.</summary>
    public (DateTime First, DateTime Last)? Span { get; init; }

    /// <summary>Of numbers: means over equal parts of the rows, in order; NaN for parts without a value.</summary>
    public ImmutableArray<double> Outline { get; init; } = [];

    /// <summary>Some values, in the order in which they come.</summary>
    public ImmutableArray<string> Examples { get; init; } = [];

    /// <summary>
    /// The first value that is of another kind than most, with its line: the reason for a column of texts among which most are numbers or times.
    /// </summary>
    public (string Text, long Line)? Exception { get; init; }

    /// <summary>The kind of most values, where <see cref="Exception"/> is of another.</summary>
    public ColumnKind? MostAre { get; init; }

    /// <summary>Whether all rows with a value have the same one.</summary>
    public bool IsConstant => Distinct == 1;

    /// <summary>The column with its dates read in one of two ways, if both are possible.</summary>
    /// <param name="dayFirst">Whether the day stands before the month.</param>
    public ColumnProfile Decide(bool dayFirst)
    {
        if (TimeFormat is null || OtherTimeFormat is null) return this;
        var keeps = TimeFormat.IsDayFirst == dayFirst;
        return this with { TimeFormat = keeps ? TimeFormat : OtherTimeFormat, Span = keeps ? Span : OtherSpan, OtherTimeFormat = null, OtherSpan = null };
    }
}
