using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>The label's values, class by class, written in the invariant culture.</summary>
internal sealed record LabelManifest(LabelKind Kind, ImmutableArray<string> Values);
