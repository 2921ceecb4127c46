using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;

namespace Microsoft.ML.Recurrent;

/// <summary>The back-test results of one forecaster, a model or a baseline.</summary>
public sealed class BackTestForecaster
{
    internal BackTestForecaster(string name, bool isBaseline, TimeSpan elapsed, ImmutableArray<BackTestForecast> forecasts, BackTestShape shape)
    {
        (Name, IsBaseline, Elapsed, Forecasts) = (name, isBaseline, elapsed, forecasts);
        var metrics = shape.Metrics;
        var all = new MetricSums(metrics);
        var steps = Groups(shape.Horizon);
        var series = shape.Series.ToDictionary(name => name, _ => new MetricSums(metrics));
        var targets = shape.Targets.ToDictionary(name => name, _ => new MetricSums(metrics));
        var origins = Groups(shape.Origins);
        var groups = new MetricSums[5];
        foreach (var forecast in forecasts)
        {
            (groups[0], groups[1], groups[2], groups[3]) = (all, series[forecast.Series], targets[forecast.Target], origins[forecast.Origin.Index]);
            for (var step = 0; step < shape.Horizon; step++)
            {
                if (!double.IsFinite(forecast.Actual.Span[step])) continue;
                groups[4] = steps[step];
                MetricSums.Add(forecast.Point(step, shape.ConfidenceLevel), metrics, groups);
            }
        }
        Metrics = all.Result();
        ByStep = [.. steps.Select(group => group.Result())];
        ByOrigin = [.. origins.Select(group => group.Result())];
        BySeries = series.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value.Result(), StringComparer.Ordinal);
        ByTarget = targets.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value.Result(), StringComparer.Ordinal);

        MetricSums[] Groups(int count) => [.. Enumerable.Range(0, count).Select(_ => new MetricSums(metrics))];
    }

    /// <summary>The name of the forecaster.</summary>
    public string Name { get; }

    /// <summary>Whether the forecaster is a baseline.</summary>
    public bool IsBaseline { get; }

    /// <summary>Duration of its fits and forecasts.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>
    /// Rows of each series, before the first origin of a fit, from which it forecast (<see cref="BackTestOptions.ContextRows"/>, or the window of the model);
    /// null for all rows, and for a baseline.
    /// </summary>
    public int? ContextRows { get; init; }

    /// <summary>The metrics over all forecasts.</summary>
    public ForecastMetrics Metrics { get; }

    /// <summary>The metrics by step of the horizon, the first step first.</summary>
    public ImmutableArray<ForecastMetrics> ByStep { get; }

    /// <summary>The metrics by origin, in the order of <see cref="BackTestResult.Origins"/>.</summary>
    public ImmutableArray<ForecastMetrics> ByOrigin { get; }

    /// <summary>The metrics by series; one entry with an empty name without a series column.</summary>
    public IReadOnlyDictionary<string, ForecastMetrics> BySeries { get; }

    /// <summary>The metrics by target.</summary>
    public IReadOnlyDictionary<string, ForecastMetrics> ByTarget { get; }

    /// <summary>The forecasts with actual values and residuals, by origin, then series, then target.</summary>
    public ImmutableArray<BackTestForecast> Forecasts { get; }

    /// <summary>
    /// The residuals (actual minus forecast) of one step of the horizon, in the order of <see cref="Forecasts"/>, without unknown actual values.
    /// </summary>
    /// <param name="step">The step, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is outside the horizon.</exception>
    public IEnumerable<double> Residuals(int step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(step, ByStep.Length);
        return Forecasts.Select(forecast => forecast.Residual(step)).Where(double.IsFinite);
    }
}

/// <summary>The data shared by all forecasters of a back-test.</summary>
internal sealed record BackTestShape(ImmutableArray<ForecastMetric> Metrics, int Horizon, int Origins, ImmutableArray<string> Series,
    ImmutableArray<string> Targets, double ConfidenceLevel);
