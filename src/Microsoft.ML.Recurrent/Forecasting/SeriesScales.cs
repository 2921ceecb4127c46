using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The spread of the training series, each around its own mean.</summary>
/// <param name="Ratio">The ratio of the ninth to the first decile of the standard deviations of the series, the largest over targets; 1 for a single
/// series.</param>
/// <param name="Minimum">By feature, the first decile of the standard deviations above 0; 1 if there are none.</param>
internal sealed record SeriesScales(double Ratio, float[] Minimum)
{
    // Above this ratio, small series would have no weight beside large ones.
    private const double RatioOfWindowScaling = 10;

    /// <summary>Scales of data with unknown series.</summary>
    public static SeriesScales None { get; } = new(1, []);

    /// <summary>The default window normalization.</summary>
    public WindowNormalization Normalization => Ratio > RatioOfWindowScaling ? WindowNormalization.Standard : WindowNormalization.LastValue;

    /// <summary>The default loss.</summary>
    public RegressionLoss Loss => Ratio > RatioOfWindowScaling ? RegressionLoss.AbsoluteError : RegressionLoss.Huber;

    /// <summary>Measures parts of a table, one per series.</summary>
    public static SeriesScales Create(SeriesTable table, IReadOnlyList<(int From, int To)> parts, SeriesLayout layout,
        TargetTransform transform = TargetTransform.None)
    {
        var (features, targets) = (layout.Features, layout.Targets);
        var least = new float[features];
        var ratio = 1.0;
        for (var feature = 0; feature < features; feature++)
        {
            var spreads = new List<double>(parts.Count);
            foreach (var (from, to) in parts)
            {
                double mean = 0, squares = 0;
                var count = 0;
                for (var row = from; row < to; row++)
                {
                    var value = layout.IsDouble(feature) ? layout.Number(table.Values(row, 1), feature) : table.Values(row, 1)[feature];
                    if (feature < targets && transform is not TargetTransform.None) value = LoggedInputs.Log((float)value, transform);
                    if (!double.IsFinite(value)) continue;
                    var difference = value - mean;
                    mean += difference / ++count;
                    squares += difference * (value - mean);
                }
                if (squares > 0) spreads.Add(Math.Sqrt(squares / count));
            }
            spreads.Sort();
            least[feature] = spreads.Count > 0 ? (float)spreads[spreads.Count / 10] : 1;
            if (feature < targets && spreads.Count > 1) ratio = Math.Max(ratio, spreads[spreads.Count - 1 - spreads.Count / 10] / spreads[spreads.Count / 10]);
        }
        return new(ratio, least);
    }

    /// <summary>
    /// The default stride of training windows: 1, or larger so that an epoch has at most ten million steps. A larger stride has no common factor with the hours
    /// of a day or the days of a week, so that windows start at all of them.
    /// </summary>
    /// <param name="lengths">The rows of each series.</param>
    /// <param name="windowSize">Rows of a window.</param>
    /// <param name="horizon">Rows after it.</param>
    /// <param name="knowsAhead">Whether the steps of the horizon have covariates. Windows that overlap then teach little new: what is learned is a step's, and
    /// each step is in many of them. An epoch has at most four million steps, as long as the stride is at most a quarter of the horizon.</param>
    public static int Stride(IEnumerable<int> lengths, int windowSize, int horizon, bool knowsAhead = false)
    {
        const double MostSteps = 1e7, MostStepsAhead = 4e6;
        double windows = 0;
        foreach (var length in lengths) windows += Math.Max(0, length - windowSize - horizon + 1);
        var stride = Least(MostSteps);
        return knowsAhead && Least(MostStepsAhead) is var longer && longer > stride && longer <= horizon / 4 ? longer : stride;

        int Least(double steps) => Coprime(Math.Max(1, (int)Math.Min(int.MaxValue / 2, Math.Ceiling(windows * windowSize / steps))));
    }

    /// <summary>The smallest stride from one on that has no common factor with the hours of a day or the days of a week.</summary>
    public static int Coprime(int stride)
    {
        while (stride > 1 && (stride % 2 == 0 || stride % 3 == 0 || stride % 7 == 0)) stride++;
        return stride;
    }
}
