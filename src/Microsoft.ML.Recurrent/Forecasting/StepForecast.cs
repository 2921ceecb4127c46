using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent;

/// <summary>The forecast of one target at one step.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record StepForecast
{
    /// <summary>The step of the horizon, from 1.</summary>
    public required int Step { get; init; }

    /// <summary>The time of the step; null if the model knows none.</summary>
    public DateTime? Time { get; init; }

    /// <summary>The forecast.</summary>
    public required double Value { get; init; }

    /// <summary>The lower bound; NaN for none.</summary>
    public double Lower { get; init; } = double.NaN;

    /// <summary>The upper bound; NaN for none.</summary>
    public double Upper { get; init; } = double.NaN;

    /// <summary>The standard deviation; NaN for none.</summary>
    public double StandardDeviation { get; init; } = double.NaN;

    /// <summary>The quantiles by their levels.</summary>
    public IReadOnlyDictionary<double, double> Quantiles { get; init; } = ImmutableSortedDictionary<double, double>.Empty;
}
