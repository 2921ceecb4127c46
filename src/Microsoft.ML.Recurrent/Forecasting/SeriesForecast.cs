using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// The forecast of one series by a <see cref="RecurrentForecastEngine"/>. It serializes with System.Text.Json, NaN as text, so a web server can return it.
/// </summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record SeriesForecast
{
    /// <summary>The forecasts, step by step: horizon values, or horizon x m for m targets.</summary>
    public required ImmutableArray<float> Values { get; init; }

    /// <summary>The lower bounds, of the same length; empty if the model was trained without bounds. NaN for steps beyond the trained horizon.</summary>
    public ImmutableArray<float> LowerBounds { get; init; } = [];

    /// <summary>
    /// The standard deviations, if the model was trained with <see cref="ForecastOutputOptions.StandardDeviationColumnName"/>; else empty. NaN for steps beyond
    /// the trained horizon.
    /// </summary>
    public ImmutableArray<float> StandardDeviations { get; init; } = [];

    /// <summary>The upper bounds, likewise.</summary>
    public ImmutableArray<float> UpperBounds { get; init; } = [];
}
