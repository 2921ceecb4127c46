using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>The content of a forecast page: the series, forecasts and actual values, errors, and the training of the model.</summary>
public sealed record ForecastReport
{
    /// <summary>The title of the page.</summary>
    public required string Title { get; init; }

    /// <summary>One or two sentences under the title: the data, the split, the model.</summary>
    public required string Introduction { get; init; }

    /// <summary>The quantity and unit of the series: the title of the vertical axis.</summary>
    public required string Unit { get; init; }

    /// <summary>The whole series, including the held-out part.</summary>
    public required ImmutableArray<SeriesValue> Series { get; init; }

    /// <summary>The first held-out time.</summary>
    public required DateTime HeldOutFrom { get; init; }

    /// <summary>The forecasts of the held-out part, the model's first.</summary>
    public required ImmutableArray<ForecastLine> Forecasts { get; init; }

    /// <summary>Baselines that could not be computed, and why.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>The training history.</summary>
    public required TrainingHistory Training { get; init; }

    /// <summary>The network, layer by layer.</summary>
    public required string ModelSummary { get; init; }

    /// <summary>Further facts: name and value.</summary>
    public ImmutableArray<(string Name, string Value)> Facts { get; init; } = [];

    /// <summary>Files beside the page: name and purpose.</summary>
    public ImmutableArray<(string Name, string Purpose)> Files { get; init; } = [];
}

/// <summary>A value of a series.</summary>
/// <param name="Time">The time.</param>
/// <param name="Value">The value.</param>
public readonly record struct SeriesValue(DateTime Time, double Value);

/// <summary>A forecast and its errors.</summary>
/// <param name="Name">The name of the forecaster.</param>
/// <param name="Values">The forecast, from the first held-out time on.</param>
/// <param name="Errors">The errors.</param>
public sealed record ForecastLine(string Name, ImmutableArray<SeriesValue> Values, ForecastMetrics Errors)
{
    /// <summary>The interval, a lower and an upper bound for each value, or empty.</summary>
    public ImmutableArray<(double Lower, double Upper)> Interval { get; init; } = [];

    /// <summary>The confidence level of <see cref="Interval"/>, such as 0.95.</summary>
    public double ConfidenceLevel { get; init; }
}
