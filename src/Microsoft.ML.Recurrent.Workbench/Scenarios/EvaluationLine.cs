using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>The figures of a model or a baseline.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsBaseline">Whether it is a baseline.</param>
/// <param name="Values">A value for each metric of the evaluation; NaN where there is none.</param>
public sealed record EvaluationLine(string Name, bool IsBaseline, ImmutableArray<double> Values);
