using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Networks.Inputs;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>How widely the training part's series spread, each around its own mean.</summary>
/// <param name="Ratio">The ninth decile of the series' standard deviations over the first one, of the target that differs most; 1 for a single series.</param>
/// <param name="Minimum">By feature the first decile of those that are greater than 0; 1 where there are none.</param>
internal sealed record SeriesScales(double Ratio, float[] Minimum)
{
    // From there on small series would not count beside great ones.
    private const double RatioOfWindowScaling = 10;

    /// <summary>Scales of data whose series are not known.</summary>
    public static SeriesScales None { get; } = new(1, []);

    /// <summary>How windows are normalised where the options leave it open.</summary>
    public WindowNormalization Normalization => Ratio > RatioOfWindowScaling ? WindowNormalization.Standard : WindowNormalization.LastValue;

    /// <summary>What is minimised where the options leave it open.</summary>
    public RegressionLoss Loss => Ratio > RatioOfWindowScaling ? RegressionLoss.AbsoluteError : RegressionLoss.Huber;

    /// <summary>Measures parts of a table, one a series.</summary>
    public static SeriesScales Create(SeriesTable table, IReadOnlyList<(int From, int To)> parts, int targets, int features,
        TargetTransform transform = TargetTransform.None)
    {
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
                    var value = table.Values(row, 1)[feature];
                    if (feature < targets) value = LoggedInputs.Log(value, transform);
                    if (!float.IsFinite(value)) continue;
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
    /// Rows from one training window to the next where the options leave it open: 1, or, so that an epoch has no more than ten million steps, as many as it
    /// takes; then with no factor in common with a day's hours or a week's days, lest windows begin at some of them only.
    /// </summary>
    public static int Stride(IEnumerable<int> lengths, int windowSize, int horizon)
    {
        const double MostSteps = 1e7;
        double windows = 0;
        foreach (var length in lengths) windows += Math.Max(0, length - windowSize - horizon + 1);
        var stride = Math.Max(1, (int)Math.Min(int.MaxValue / 2, Math.Ceiling(windows * windowSize / MostSteps)));
        while (stride > 1 && (stride % 2 == 0 || stride % 3 == 0 || stride % 7 == 0)) stride++;
        return stride;
    }
}
