using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>What the page of a forecast tells: the series, its forecasts beside what happened, their errors, and how the model came to be.</summary>
public sealed record ForecastReport
{
    /// <summary>The page's title.</summary>
    public required string Title { get; init; }

    /// <summary>One or two sentences under the title: the data, the split, the model.</summary>
    public required string Introduction { get; init; }

    /// <summary>What the series counts, with its unit: the title of the vertical axis.</summary>
    public required string Unit { get; init; }

    /// <summary>The whole series, the held-out part included.</summary>
    public required ImmutableArray<SeriesValue> Series { get; init; }

    /// <summary>The first point in time that was held out.</summary>
    public required DateTime HeldOutFrom { get; init; }

    /// <summary>The forecasts of the held-out part, the model's own first.</summary>
    public required ImmutableArray<ForecastLine> Forecasts { get; init; }

    /// <summary>Baselines that could not be computed, and why.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>How the training went.</summary>
    public required TrainingHistory Training { get; init; }

    /// <summary>The network, layer by layer.</summary>
    public required string ModelSummary { get; init; }

    /// <summary>Facts worth telling: name and value.</summary>
    public ImmutableArray<(string Name, string Value)> Facts { get; init; } = [];

    /// <summary>Files written beside the page: name and what it is for.</summary>
    public ImmutableArray<(string Name, string Purpose)> Files { get; init; } = [];
}

/// <summary>A value of a series.</summary>
/// <param name="Time">Its point in time.</param>
/// <param name="Value">The value.</param>
public readonly record struct SeriesValue(DateTime Time, double Value);

/// <summary>A forecast and how well it did.</summary>
/// <param name="Name">Who made it.</param>
/// <param name="Values">The forecast, from the first held-out point on.</param>
/// <param name="Errors">Its errors.</param>
public sealed record ForecastLine(string Name, ImmutableArray<SeriesValue> Values, ForecastMetrics Errors)
{
    /// <summary>Its interval, a lower and an upper edge for each value, or empty.</summary>
    public ImmutableArray<(double Lower, double Upper)> Interval { get; init; } = [];

    /// <summary>The confidence level of <see cref="Interval"/>, for instance 0.95.</summary>
    public double ConfidenceLevel { get; init; }
}
