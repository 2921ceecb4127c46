using Microsoft.ML.Recurrent.Workbench.Inspection;

namespace Microsoft.ML.Recurrent.Workbench.Reports.Runs;

/// <summary>A column of the data in the page of a run.</summary>
/// <param name="Profile">What it holds.</param>
/// <param name="Role">What it serves for.</param>
/// <param name="Reason">Why.</param>
public sealed record ReportColumn(ColumnProfile Profile, string Role, string Reason = "");
