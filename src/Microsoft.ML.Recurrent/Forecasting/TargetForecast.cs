using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Forecasting;

namespace Microsoft.ML.Recurrent;

/// <summary>The forecast of one target of a series, step by step.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed class TargetForecast
{
    /// <summary>The name of the target's column.</summary>
    public required string Name { get; init; }

    /// <summary>The times of the steps; empty if the model has no time column of dates or its times have no common step.</summary>
    public ImmutableArray<DateTime> Times { get; init; } = [];

    /// <summary>The forecasts.</summary>
    public required ImmutableArray<double> Values { get; init; }

    /// <summary>The lower bounds; empty if the model was trained without bounds. NaN for steps beyond the trained horizon.</summary>
    public ImmutableArray<double> LowerBounds { get; init; } = [];

    /// <summary>The upper bounds; empty if the model was trained without bounds. NaN for steps beyond the trained horizon.</summary>
    public ImmutableArray<double> UpperBounds { get; init; } = [];

    /// <summary>
    /// The standard deviations, if the model was trained with <see cref="ForecastOutputOptions.StandardDeviationColumnName"/>; else empty. NaN for steps beyond
    /// the trained horizon.
    /// </summary>
    public ImmutableArray<double> StandardDeviations { get; init; } = [];

    /// <summary>
    /// The quantiles by their levels, in ascending order of levels: all that were trained (<see cref="ForecastOutputOptions.QuantileColumnNames"/>).
    /// NaN for steps beyond the trained horizon. Models of earlier builds do not hold the levels, and have none here.
    /// </summary>
    [JsonConverter(typeof(QuantilesJsonConverter))]
    public IReadOnlyDictionary<double, ImmutableArray<double>> Quantiles { get; init; } = ImmutableSortedDictionary<double, ImmutableArray<double>>.Empty;

    /// <summary>The forecast at a time.</summary>
    /// <param name="time">The time of a step.</param>
    /// <exception cref="ArgumentException">The forecast has no step of that time, or no times.</exception>
    public StepForecast At(DateTime time)
    {
        if (Times.IsEmpty)
            throw new ArgumentException($"The forecast of '{Name}' has no times: the model has no time column of dates, or its times have no common step. " +
                "Take a value by its step.", nameof(time));
        return Times.IndexOf(time) is >= 0 and var step ? AtStep(step)
            : throw new ArgumentException($"The forecast of '{Name}' has no step at {Describe(time)}: it has {Times.Length} from {Describe(Times[0])} to " +
                $"{Describe(Times[^1])}.", nameof(time));
    }

    internal StepForecast AtStep(int step) => new()
    {
        Step = step + 1,
        Time = Times.IsEmpty ? null : Times[step],
        Value = Values[step],
        Lower = LowerBounds.IsEmpty ? double.NaN : LowerBounds[step],
        Upper = UpperBounds.IsEmpty ? double.NaN : UpperBounds[step],
        StandardDeviation = StandardDeviations.IsEmpty ? double.NaN : StandardDeviations[step],
        Quantiles = Quantiles.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value[step]),
    };

    private static string Describe(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
