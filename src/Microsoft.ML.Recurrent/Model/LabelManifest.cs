using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Model;

/// <summary>The values of the label by class, in the invariant culture.</summary>
internal sealed record LabelManifest(LabelKind Kind, ImmutableArray<string> Values);
