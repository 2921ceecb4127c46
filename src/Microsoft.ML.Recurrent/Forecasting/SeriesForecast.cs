using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Forecasting;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// The forecast of one series by a <see cref="RecurrentForecastEngine"/>: all that <c>Transform</c> gives, with the times of the steps, target by target. It
/// serializes with System.Text.Json, NaN as text, so a web server can return it.
/// </summary>
/// <example><code>
/// var forecast = engine.Predict("north"); double next = forecast.Values[0]; // the only target
/// StepForecast noon = engine.Predict("east")["Load"].At(new DateTime(2026, 7, 1, 12, 0, 0)); // one of several targets
/// </code></example>
public sealed class SeriesForecast
{
    /// <summary>The name of the series; empty if the model has no series column.</summary>
    public string Series { get; init; } = "";

    /// <summary>The forecasts of the targets, in the order of training: the input column, or the slots of a vector.</summary>
    public required ImmutableArray<TargetForecast> Targets { get; init; }

    /// <summary>The names of the targets: that of the input column, or of its slots (numbered where they have none).</summary>
    [JsonIgnore]
    public ImmutableArray<string> TargetNames => [.. Targets.Select(target => target.Name)];

    /// <summary>
    /// The times of the steps: those of the rows of future covariates, else the steps of the model's frequency after the last observation (local times
    /// of the model's time zone, <c>Input.Features.TimeZone</c>; without one UTC for a DateTimeOffset column).
    /// Empty if the model has no time column of dates or its times have no common step.
    /// </summary>
    [JsonIgnore]
    public ImmutableArray<DateTime> Times => Targets[0].Times;

    /// <summary>The forecasts of the only target, step by step.</summary>
    /// <exception cref="InvalidOperationException">The model has several targets: take one by its name.</exception>
    [JsonIgnore]
    public ImmutableArray<double> Values => Only.Values;

    /// <inheritdoc cref="TargetForecast.LowerBounds"/>
    /// <inheritdoc cref="Values" path="/exception"/>
    [JsonIgnore]
    public ImmutableArray<double> LowerBounds => Only.LowerBounds;

    /// <inheritdoc cref="TargetForecast.UpperBounds"/>
    /// <inheritdoc cref="Values" path="/exception"/>
    [JsonIgnore]
    public ImmutableArray<double> UpperBounds => Only.UpperBounds;

    /// <inheritdoc cref="TargetForecast.StandardDeviations"/>
    /// <inheritdoc cref="Values" path="/exception"/>
    [JsonIgnore]
    public ImmutableArray<double> StandardDeviations => Only.StandardDeviations;

    /// <inheritdoc cref="TargetForecast.Quantiles"/>
    /// <inheritdoc cref="Values" path="/exception"/>
    [JsonIgnore]
    public IReadOnlyDictionary<double, ImmutableArray<double>> Quantiles => Only.Quantiles;

    private TargetForecast Only => TargetChoice.Only(Targets, static one => one.Name, "forecast");

    /// <summary>The forecast of a target.</summary>
    /// <param name="target">The name of the target's column.</param>
    /// <exception cref="KeyNotFoundException">The model has no target of that name.</exception>
    public TargetForecast this[string target] => TargetChoice.Find(Targets, static one => one.Name, target);

    /// <summary>The forecast of the only target at a time.</summary>
    /// <inheritdoc cref="TargetForecast.At"/>
    /// <inheritdoc cref="Values" path="/exception"/>
    [SuppressMessage("Naming", "CA1716:Identifiers should not match keywords", Justification = "A word of the field, no keyword of C#.")]
    public StepForecast At(DateTime time) => Only.At(time);

    /// <summary>The steps of all targets as rows (<see cref="SeriesForecastRow"/>), step by step, to save or explore with ML.NET.</summary>
    /// <param name="mlContext">The context.</param>
    public IDataView ToDataView(MLContext mlContext) => SeriesForecastView.Create(mlContext, [this]);

    /// <summary>Names the series, the targets and the number of steps.</summary>
    public override string ToString() =>
        $"{Targets[0].Values.Length} steps of {TargetChoice.Listed(Targets, static one => one.Name)}{(Series.Length > 0 ? $" of the series '{Series}'" : "")}";
}
