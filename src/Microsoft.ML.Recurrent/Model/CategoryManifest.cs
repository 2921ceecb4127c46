using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>The values of a categorical column of a forecaster: ids from 1 in this order, 0 for any other.</summary>
/// <param name="Column">The column.</param>
/// <param name="AreNumbers">Whether they are keys, integers or Booleans rather than text.</param>
/// <param name="Values">The values in the invariant culture.</param>
internal sealed record CategoryManifest(string Column, bool AreNumbers, ImmutableArray<string> Values);
