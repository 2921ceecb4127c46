using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// The level and scale of the training rows of each series, the statistics of <see cref="SeriesScaling"/>. A series with less than a window of rows, or fewer
/// than two values of a feature, has none: its windows use their own.
/// </summary>
/// <param name="layout">The columns, with series ids (without for a single series).</param>
/// <param name="normalization">The kind of level and scale.</param>
/// <param name="transform">The transformation of the targets before.</param>
/// <param name="windowSize">Rows per window.</param>
internal sealed class SeriesNormalizer(SeriesLayout layout, WindowNormalization normalization, TargetTransform transform, int windowSize)
{
    private readonly int _features = layout.Features - layout.Future;

    // By id, feature by feature; no scale if there are no statistics, and 0 for a constant feature.
    private readonly List<(double Level, double? Scale)[]> _statistics = [];
    private readonly List<double> _numbers = [];

    // By id, feature by feature: a Single near the numbers of a series that are more than Singles; NaN if it has no statistics.
    private readonly List<float[]> _origins = [];

    /// <summary>Whether levels of series are subtracted from numbers that are more than Singles.</summary>
    public bool HasOrigins => SeriesScaling.HasLevel(normalization) && Enumerable.Range(0, _features).Any(layout.IsDouble);

    /// <summary>Number of rows of the tables.</summary>
    public int Series => layout.Series is { } index ? index.Names.Count + 1 : 1;

    /// <summary>The description for the network.</summary>
    public SeriesScaling Description => new(Series, layout.Series is not null);

    /// <summary>Adds the training rows of series.</summary>
    public void Add(SeriesTable table, IEnumerable<(int From, int To)> learned)
    {
        foreach (var (from, to) in learned)
        {
            if (to - from < windowSize) continue;
            var id = layout.Series is null ? 0 : (int)table.Values(from, 1)[^1];
            while (_statistics.Count <= id)
            {
                _statistics.Add(new (double, double?)[_features]);
                _origins.Add([.. Enumerable.Repeat(float.NaN, _features)]);
            }
            for (var feature = 0; feature < _features; feature++) _statistics[id][feature] = Measure(table, from, to, feature, ref _origins[id][feature]);
        }
    }

    /// <summary>
    /// By feature, the first decile of the scales of the series, 1 if all are constant: the unit in which series are standardized, and the scale of constant
    /// series.
    /// </summary>
    public float[] Minimum()
    {
        var least = new float[_features];
        for (var feature = 0; feature < _features; feature++)
        {
            double[] scales = [.. _statistics.Select(statistics => statistics[feature].Scale ?? 0).Where(scale => scale > 0).Order()];
            least[feature] = scales.Length > 0 ? (float)scales[scales.Length / 10] : 1;
        }
        return least;
    }

    /// <summary>Fills the empty entries of a network's tables; those of an initial model stay.</summary>
    public void CopyTo(Network network)
    {
        var level = SeriesScaling.HasLevel(network.Description.WindowNormalization) ? network[SeriesScaling.LevelName].Value : null;
        var scale = network[SeriesScaling.ScaleName].Value;
        var (mean, unit) = network.Inputs.Standardization;
        var least = Minimum();
        for (var id = 0; id < _statistics.Count; id++)
        {
            for (var feature = 0; feature < _features; feature++)
            {
                var (at, statistic) = (id * layout.Features + feature, _statistics[id][feature]);
                if (scale[at] > 0 || statistic.Scale is not { } spread) continue;
                var divisor = unit is null ? 1 : unit.Value[feature];
                // Constant series get the scale of the least variable ones.
                scale[at] = (float)((spread > 0 ? spread : least[feature]) / divisor);
                if (level is not null) level[at] = (float)((statistic.Level - (mean is null ? 0 : mean.Value[feature])) / divisor);
            }
        }
    }

    /// <summary>The columns with the origins of the series.</summary>
    public SeriesLayout Apply(SeriesLayout columns) => columns.With(input =>
    {
        var offset = columns.Inputs.Take(columns.Inputs.IndexOf(input)).Sum(before => before.Size);
        if (input.Levels.IsEmpty || offset >= _features) return input;
        // An initial model's origins are those that its levels refer to.
        var known = input.Origins;
        return input with
        {
            Origins = [.. Enumerable.Range(0, Series * input.Size).Select(place =>
                place < known.Length && !float.IsNaN(known[place]) ? known[place] : _origins.ElementAtOrDefault(place / input.Size) is { } own
                    ? own[offset + place % input.Size]
                    : float.NaN)],
        };
    });

    private (double Level, double? Scale) Measure(SeriesTable table, int from, int to, int feature, ref float origin)
    {
        _numbers.Clear();
        var beside = float.NaN;
        for (var row = from; row < to; row++)
        {
            var numbers = table.Values(row, 1);
            if (layout.IsDouble(feature))
            {
                if (float.IsNaN(beside) && float.IsFinite(numbers[feature])) beside = numbers[feature];
                if (layout.Number(numbers, feature) - beside is var distance && double.IsFinite(distance)) _numbers.Add(distance);
                continue;
            }
            var value = numbers[feature];
            if (feature < layout.Targets) value = LoggedInputs.Log(value, transform);
            if (float.IsFinite(value)) _numbers.Add(value);
        }
        if (_numbers.Count < 2) return (0, null);
        origin = beside;
        if (normalization is WindowNormalization.Mean) return (0, Varying(_numbers.Average(Math.Abs), 0));
        var mean = _numbers.Average();
        var deviation = Varying(Math.Sqrt(_numbers.Average(value => (value - mean) * (value - mean))), mean);
        if (normalization is not WindowNormalization.Robust) return (mean, deviation);
        _numbers.Sort();
        var (median, range) = (Quantile(0.5), Varying(Quantile(0.75) - Quantile(0.25), mean));
        return (median, range > 0 ? range / InputNormalization.NormalQuartiles : deviation);
    }

    private double Quantile(double level)
    {
        var place = level * (_numbers.Count - 1);
        var below = (int)place;
        return _numbers[below] + (place - below) * (_numbers[Math.Min(below + 1, _numbers.Count - 1)] - _numbers[below]);
    }

    // Rounding gives a constant series a spread of about the last bits of its value.
    private static double Varying(double spread, double around) => spread > 1e-7 * Math.Abs(around) && spread > 1e-30 ? spread : 0;
}
