using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Reports.Runs;

/// <summary>The figures of a model or a baseline.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsBaseline">Whether it is a baseline.</param>
/// <param name="Values">A value for each metric; NaN where there is none.</param>
public sealed record ReportLine(string Name, bool IsBaseline, ImmutableArray<double> Values);
