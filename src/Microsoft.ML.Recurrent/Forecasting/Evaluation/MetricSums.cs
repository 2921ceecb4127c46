using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>Sums of metrics over the points of one group.</summary>
internal sealed class MetricSums(ImmutableArray<ForecastMetric> metrics)
{
    private readonly double[] _sums = new double[metrics.Length];
    private readonly double[] _weights = new double[metrics.Length];
    private long _count;

    /// <summary>Adds a point to several groups with the same metrics; each statistic is computed once.</summary>
    public static void Add(in ForecastPoint point, ImmutableArray<ForecastMetric> metrics, ReadOnlySpan<MetricSums> groups)
    {
        foreach (var group in groups) group._count++;
        for (var i = 0; i < metrics.Length; i++)
        {
            var value = metrics[i].Statistic(point);
            if (double.IsNaN(value)) continue;
            var weight = metrics[i].Weight(point);
            foreach (var group in groups)
            {
                group._sums[i] += value;
                group._weights[i] += weight;
            }
        }
    }

    /// <summary>The metrics over the added points.</summary>
    public ForecastMetrics Result()
    {
        var values = ImmutableArray.CreateBuilder<double>(_sums.Length);
        for (var i = 0; i < _sums.Length; i++)
        {
            var mean = _weights[i] > 0 ? _sums[i] / _weights[i] : double.NaN;
            values.Add(metrics[i].Aggregation is MetricAggregation.RootMean ? Math.Sqrt(mean) : mean);
        }
        return new(metrics, values.MoveToImmutable(), _count);
    }
}
