using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>Predictions as rows of texts, made as they are read.</summary>
/// <param name="Columns">The names of the columns.</param>
/// <param name="Rows">The rows; numbers in the invariant culture, as short as they can be read back.</param>
public sealed record Predictions(ImmutableArray<string> Columns, IEnumerable<string[]> Rows);
