using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent;

/// <summary>Sample paths of one target of a series.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed class TargetSamples
{
    /// <summary>The name of the target's column.</summary>
    public required string Name { get; init; }

    /// <summary>The times of the steps; empty if the model has no time column of dates or its times have no common step.</summary>
    public ImmutableArray<DateTime> Times { get; init; } = [];

    /// <summary>The paths, each of horizon numbers.</summary>
    public required ImmutableArray<ImmutableArray<double>> Paths { get; init; }
}
