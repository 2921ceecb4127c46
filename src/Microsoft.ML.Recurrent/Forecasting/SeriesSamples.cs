using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Forecasting;

namespace Microsoft.ML.Recurrent;

/// <summary>Sample paths of the next steps of one series, drawn by a <see cref="RecurrentForecastEngine"/>, target by target.</summary>
/// <example><code>
/// var samples = engine.Sample("north", count: 500);
/// double[] sums = [.. samples.Paths.Select(path => path.Sum())]; // of the only target
/// var load = engine.Sample("east")["Load"].Paths; // of one of several; the paths of one number belong together
/// </code></example>
public sealed class SeriesSamples
{
    /// <summary>The name of the series; empty if the model has no series column.</summary>
    public string Series { get; init; } = "";

    /// <summary>The paths of the targets, in the order of training. Paths of the same number are one draw of all targets.</summary>
    public required ImmutableArray<TargetSamples> Targets { get; init; }

    /// <summary>The times of the steps, as in <see cref="SeriesForecast.Times"/>.</summary>
    [JsonIgnore]
    public ImmutableArray<DateTime> Times => Targets[0].Times;

    /// <summary>The paths of the only target, each of horizon numbers.</summary>
    /// <exception cref="InvalidOperationException">The model has several targets: take one by its name.</exception>
    [JsonIgnore]
    public ImmutableArray<ImmutableArray<double>> Paths => TargetChoice.Only(Targets, static one => one.Name, "samples").Paths;

    /// <summary>The paths of a target.</summary>
    /// <param name="target">The name of the target's column.</param>
    /// <exception cref="KeyNotFoundException">The model has no target of that name.</exception>
    public TargetSamples this[string target] => TargetChoice.Find(Targets, static one => one.Name, target);

    /// <summary>Names the series, the targets and the number of paths and steps.</summary>
    public override string ToString() => $"{Targets[0].Paths.Length} paths of {Targets[0].Paths[0].Length} steps of " +
        $"{TargetChoice.Listed(Targets, static one => one.Name)}{(Series.Length > 0 ? $" of the series '{Series}'" : "")}";
}
