using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>The content of a back-test page.</summary>
public sealed record BackTestReport
{
    /// <summary>The title of the page.</summary>
    public required string Title { get; init; }

    /// <summary>One or two sentences under the title: the data, the model.</summary>
    public required string Introduction { get; init; }

    /// <summary>The quantity and unit of the series.</summary>
    public required string Unit { get; init; }

    /// <summary>The result of the back-test.</summary>
    public required BackTestResult Result { get; init; }

    /// <summary>The series in the chart of forecasts; null for the one with the median error of the model.</summary>
    public string? Series { get; init; }

    /// <summary>Notes under the table, such as why a baseline is missing.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}
