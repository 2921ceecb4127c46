namespace Microsoft.ML.Recurrent.Workbench.Tables;

/// <summary>How a table in a text file is written, where it is known; what is null is found from the file.</summary>
public sealed record TableOptions
{
    /// <summary>The separator of columns: one character.</summary>
    public char? Separator { get; init; }

    /// <summary>Whether the first line has the names of the columns. Without one they are <c>col0</c>, <c>col1</c>, as in ML.NET.</summary>
    public bool? HasHeader { get; init; }

    /// <summary>The decimal marker of numbers: a point or a comma.</summary>
    public char? DecimalMarker { get; init; }

    /// <summary>Whether quotes around a cell are no part of it. Found from the file: not where a tab separates cells that hold single quotes.</summary>
    public bool? AllowQuoting { get; init; }

    /// <summary>Texts that stand for a missing value, beside the empty one. Default: NA, N/A, NaN, null and ?.</summary>
    public IReadOnlyList<string> MissingValues { get; init; } = ["NA", "N/A", "NaN", "nan", "null", "NULL", "?"];
}
