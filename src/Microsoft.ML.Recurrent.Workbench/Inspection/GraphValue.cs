using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>An input or an output of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its values.</param>
/// <param name="Shape">Its axes: numbers, or names of those that vary; empty for a single value.</param>
public sealed record GraphValue(string Name, string Type, ImmutableArray<string> Shape)
{
    /// <summary>The type and the axes.</summary>
    public override string ToString() => Shape.IsEmpty ? Type : $"{Type} [{string.Join(", ", Shape)}]";
}
