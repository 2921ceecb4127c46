using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Level and scale of each series' training rows, the figures of <see cref="SeriesScaling"/>. A series has none where it has less than a window of rows, or
/// less than two numbers of a feature: windows of it then have their own.
/// </summary>
/// <param name="layout">The columns, with the series' ids or, for the only series, without.</param>
/// <param name="normalization">What kind of level and scale.</param>
/// <param name="transform">What is done with the targets before.</param>
/// <param name="windowSize">Rows of a window.</param>
internal sealed class SeriesNormalizer(SeriesLayout layout, WindowNormalization normalization, TargetTransform transform, int windowSize)
{
    private readonly int _features = layout.Features - layout.Future;

    // By id, feature by feature; no scale for none, and one of 0 for a feature that does not vary.
    private readonly List<(double Level, double? Scale)[]> _figures = [];
    private readonly List<double> _numbers = [];

    /// <summary>Rows of the tables.</summary>
    public int Series => layout.Series is { } index ? index.Names.Count + 1 : 1;

    /// <summary>What the network has to know.</summary>
    public SeriesScaling Description => new(Series, layout.Series is not null);

    /// <summary>Takes series in: of each the rows that are learned.</summary>
    public void Add(SeriesTable table, IEnumerable<(int From, int To)> learned)
    {
        foreach (var (from, to) in learned)
        {
            if (to - from < windowSize) continue;
            var id = layout.Series is null ? 0 : (int)table.Values(from, 1)[^1];
            while (_figures.Count <= id) _figures.Add(new (double, double?)[_features]);
            for (var feature = 0; feature < _features; feature++) _figures[id][feature] = Measure(table, from, to, feature);
        }
    }

    /// <summary>
    /// By feature the first decile of the series' scales, 1 where none varies: the unit in which series are standardised, and the scale of those that do not
    /// vary.
    /// </summary>
    public float[] Minimum()
    {
        var least = new float[_features];
        for (var feature = 0; feature < _features; feature++)
        {
            double[] scales = [.. _figures.Select(figures => figures[feature].Scale ?? 0).Where(scale => scale > 0).Order()];
            least[feature] = scales.Length > 0 ? (float)scales[scales.Length / 10] : 1;
        }
        return least;
    }

    /// <summary>Fills a network's tables where they have no figures yet: those that an initial model knows stay.</summary>
    public void CopyTo(Network network)
    {
        var level = SeriesScaling.HasLevel(network.Description.WindowNormalization) ? network[SeriesScaling.LevelName].Value : null;
        var scale = network[SeriesScaling.ScaleName].Value;
        var (mean, unit) = network.Inputs.Standardization;
        var least = Minimum();
        for (var id = 0; id < _figures.Count; id++)
        {
            for (var feature = 0; feature < _features; feature++)
            {
                var (at, figure) = (id * layout.Features + feature, _figures[id][feature]);
                if (scale[at] > 0 || figure.Scale is not { } spread) continue;
                var divisor = unit is null ? 1 : unit.Value[feature];
                // What does not vary has the scale of the series that vary least.
                scale[at] = (float)((spread > 0 ? spread : least[feature]) / divisor);
                if (level is not null) level[at] = (float)((figure.Level - (mean is null ? 0 : mean.Value[feature])) / divisor);
            }
        }
    }

    private (double Level, double? Scale) Measure(SeriesTable table, int from, int to, int feature)
    {
        _numbers.Clear();
        for (var row = from; row < to; row++)
        {
            var value = table.Values(row, 1)[feature];
            if (feature < layout.Targets) value = LoggedInputs.Log(value, transform);
            if (float.IsFinite(value)) _numbers.Add(value);
        }
        if (_numbers.Count < 2) return (0, null);
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

    // Rounding leaves what is constant a spread of about its value's last bits.
    private static double Varying(double spread, double around) => spread > 1e-7 * Math.Abs(around) && spread > 1e-30 ? spread : 0;
}
