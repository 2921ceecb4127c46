using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>What the page of a back-test tells.</summary>
public sealed record BackTestReport
{
    /// <summary>The page's title.</summary>
    public required string Title { get; init; }

    /// <summary>One or two sentences under the title: the data, the model.</summary>
    public required string Introduction { get; init; }

    /// <summary>What the series counts, with its unit.</summary>
    public required string Unit { get; init; }

    /// <summary>What was found.</summary>
    public required BackTestResult Result { get; init; }

    /// <summary>The series that the chart of forecasts shows; null for the one that the model forecasts at the median error.</summary>
    public string? Series { get; init; }

    /// <summary>Remarks under the table, for instance why a baseline is missing.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}
