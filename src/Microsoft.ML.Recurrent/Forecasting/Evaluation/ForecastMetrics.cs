using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// The values of forecast metrics. Formulas and sources are in the members of <see cref="ForecastMetric"/>; a metric that was not computed is NaN.
/// </summary>
public sealed class ForecastMetrics
{
    private readonly ImmutableArray<double> _values;

    internal ForecastMetrics(ImmutableArray<ForecastMetric> metrics, ImmutableArray<double> values, long count) =>
        (Metrics, _values, Count) = (metrics, values, count);

    /// <summary>The computed metrics.</summary>
    public ImmutableArray<ForecastMetric> Metrics { get; }

    /// <summary>Number of evaluated points (steps of forecasts): those whose actual value is known.</summary>
    public long Count { get; }

    /// <inheritdoc cref="ForecastMetric.MeanAbsoluteError"/>
    public double MeanAbsoluteError => this[ForecastMetric.MeanAbsoluteError];

    /// <inheritdoc cref="ForecastMetric.RootMeanSquaredError"/>
    public double RootMeanSquaredError => this[ForecastMetric.RootMeanSquaredError];

    /// <inheritdoc cref="ForecastMetric.Bias"/>
    public double Bias => this[ForecastMetric.Bias];

    /// <inheritdoc cref="ForecastMetric.SymmetricMeanAbsolutePercentageError"/>
    public double SymmetricMeanAbsolutePercentageError => this[ForecastMetric.SymmetricMeanAbsolutePercentageError];

    /// <inheritdoc cref="ForecastMetric.WeightedAbsolutePercentageError"/>
    public double WeightedAbsolutePercentageError => this[ForecastMetric.WeightedAbsolutePercentageError];

    /// <inheritdoc cref="ForecastMetric.MeanAbsoluteScaledError"/>
    public double MeanAbsoluteScaledError => this[ForecastMetric.MeanAbsoluteScaledError];

    /// <inheritdoc cref="ForecastMetric.RootMeanSquaredScaledError"/>
    public double RootMeanSquaredScaledError => this[ForecastMetric.RootMeanSquaredScaledError];

    /// <inheritdoc cref="ForecastMetric.Coverage"/>
    public double Coverage => this[ForecastMetric.Coverage];

    /// <inheritdoc cref="ForecastMetric.IntervalWidth"/>
    public double IntervalWidth => this[ForecastMetric.IntervalWidth];

    /// <inheritdoc cref="ForecastMetric.MeanScaledIntervalScore"/>
    public double MeanScaledIntervalScore => this[ForecastMetric.MeanScaledIntervalScore];

    /// <inheritdoc cref="ForecastMetric.ContinuousRankedProbabilityScore"/>
    public double ContinuousRankedProbabilityScore => this[ForecastMetric.ContinuousRankedProbabilityScore];

    /// <summary>The value of a metric, by name; NaN if it was not computed.</summary>
    /// <param name="metric">The metric.</param>
    public double this[ForecastMetric metric]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(metric);
            for (var i = 0; i < Metrics.Length; i++)
            {
                if (ReferenceEquals(Metrics[i], metric) || Metrics[i].Name == metric.Name) return _values[i];
            }
            return double.NaN;
        }
    }

    /// <summary>
    /// OWA, the overall weighted average of the M4 competition: the mean of sMAPE and MASE, each relative to a reference, in M4
    /// <see cref="ForecastBaseline.Naive2"/>. Below 1: better than the reference.
    /// </summary>
    /// <param name="reference">The reference's metrics over the same points.</param>
    public double OverallWeightedAverage(ForecastMetrics reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return (SymmetricMeanAbsolutePercentageError / reference.SymmetricMeanAbsolutePercentageError
            + MeanAbsoluteScaledError / reference.MeanAbsoluteScaledError) / 2;
    }

    /// <summary>Computes metrics over points. Points whose actual value is NaN or infinite do not count.</summary>
    /// <param name="points">Steps of forecasts with their actual values.</param>
    /// <param name="metrics">The metrics; empty for <see cref="ForecastMetric.Defaults"/>.</param>
    /// <exception cref="ArgumentException">Two metrics have the same name, or a forecast is NaN where the actual value is known.</exception>
    public static ForecastMetrics Measure(IEnumerable<ForecastPoint> points, params IEnumerable<ForecastMetric> metrics)
    {
        ArgumentNullException.ThrowIfNull(points);
        var chosen = Check(metrics, nameof(metrics));
        MetricSums[] sums = [new(chosen)];
        var number = 0;
        foreach (var point in points)
        {
            if (Counts(point, number, nameof(points))) MetricSums.Add(point, chosen, sums);
            number++;
        }
        return sums[0].Result();
    }

    /// <summary>Evaluates one forecast of a series. Steps whose actual value is NaN or infinite do not count.</summary>
    /// <param name="actual">The actual values, step by step.</param>
    /// <param name="forecast">The forecasts, of the same length.</param>
    /// <param name="history">The series before the forecast, for scaled errors. These are NaN if it is empty or not longer than a season.</param>
    /// <param name="season">Season length in steps; 1 for none.</param>
    /// <exception cref="ArgumentException">The lengths differ, the season is below 1, or a forecast is NaN where the actual value is known.</exception>
    public static ForecastMetrics Measure(ReadOnlySpan<double> actual, ReadOnlySpan<double> forecast, ReadOnlySpan<double> history = default, int season = 1)
    {
        if (actual.IsEmpty) throw new ArgumentException("There is nothing to compare.", nameof(actual));
        if (forecast.Length != actual.Length) throw new ArgumentException($"{forecast.Length} forecasts for {actual.Length} values.", nameof(forecast));
        ArgumentOutOfRangeException.ThrowIfLessThan(season, 1);
        var scale = new SeasonalScale(history, season);
        MetricSums[] sums = [new(ForecastMetric.Defaults)];
        for (var i = 0; i < actual.Length; i++)
        {
            var point = new ForecastPoint(actual[i], forecast[i]) { Scale = scale.Absolute(history.Length), SquaredScale = scale.Squared(history.Length) };
            if (Counts(point, i, nameof(forecast))) MetricSums.Add(point, ForecastMetric.Defaults, sums);
        }
        return sums[0].Result();
    }

    /// <summary>Formats the computed metrics in one line.</summary>
    public override string ToString() =>
        string.Join(", ", Metrics.Zip(_values).Where(pair => !double.IsNaN(pair.Second))
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.First.Name} {pair.Second:G5}")));

    // As EvaluateForecasts has it: a forecaster must not get better by answering NaN.
    private static bool Counts(in ForecastPoint point, int number, string parameterName)
    {
        if (!double.IsFinite(point.Actual)) return false;
        if (!double.IsNaN(point.Forecast)) return true;
        throw new ArgumentException(
            $"The forecast of point {number} is NaN beside a truth that is known: leave such points out, and say how many they were.", parameterName);
    }

    internal static ImmutableArray<ForecastMetric> Check(IEnumerable<ForecastMetric> metrics, string parameterName)
    {
        ArgumentNullException.ThrowIfNull(metrics, parameterName);
        ImmutableArray<ForecastMetric> chosen = [.. metrics];
        if (chosen.Contains(null!)) throw new ArgumentException("A metric is null.", parameterName);
        if (chosen.GroupBy(metric => metric.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Two metrics are named '{twice.Key}'.", parameterName);
        return chosen.IsEmpty ? ForecastMetric.Defaults : chosen;
    }
}
