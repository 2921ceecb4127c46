using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// How good forecasts were, in figures. What each figure means, with formula and source, stands at <see cref="ForecastMetric"/>'s members; a figure that was
/// not measured is NaN.
/// </summary>
public sealed class ForecastMetrics
{
    private readonly ImmutableArray<double> _values;

    internal ForecastMetrics(ImmutableArray<ForecastMetric> metrics, ImmutableArray<double> values, long count) =>
        (Metrics, _values, Count) = (metrics, values, count);

    /// <summary>What was measured.</summary>
    public ImmutableArray<ForecastMetric> Metrics { get; }

    /// <summary>Points (steps of forecasts) that were measured: those whose truth is known.</summary>
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

    /// <summary>A metric's value, found by its name; NaN where it was not measured.</summary>
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
    /// OWA, the overall weighted average of the M4 competition: the mean of sMAPE and MASE, each over that of a reference, which there is
    /// <see cref="ForecastBaseline.Naive2"/>. Below 1 is better than the reference.
    /// </summary>
    /// <param name="reference">The reference's metrics over the same points.</param>
    public double OverallWeightedAverage(ForecastMetrics reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return (SymmetricMeanAbsolutePercentageError / reference.SymmetricMeanAbsolutePercentageError
            + MeanAbsoluteScaledError / reference.MeanAbsoluteScaledError) / 2;
    }

    /// <summary>Measures points by metrics. A point whose truth is not known (NaN or infinite) does not count.</summary>
    /// <param name="points">Steps of forecasts beside what happened.</param>
    /// <param name="metrics">What to measure; none for <see cref="ForecastMetric.Defaults"/>.</param>
    /// <exception cref="ArgumentException">Two metrics have one name; a forecast is NaN where the truth is known.</exception>
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

    /// <summary>Measures one forecast of a series. A step whose truth is not known (NaN or infinite) does not count.</summary>
    /// <param name="actual">What happened, step by step.</param>
    /// <param name="forecast">What was forecast, as long.</param>
    /// <param name="history">The series before the forecast, for the scaled errors; empty for none (they are NaN then, as they are where it is no longer than a
    /// season).</param>
    /// <param name="season">Steps of a season, 1 for none.</param>
    /// <exception cref="ArgumentException">The lengths differ, the season is below 1, or a forecast is NaN where the truth is known.</exception>
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

    /// <summary>The figures that were measured, in one line.</summary>
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
