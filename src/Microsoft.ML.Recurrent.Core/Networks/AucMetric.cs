using Microsoft.ML.Recurrent.Autograd;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// The area under the ROC curve of the head's second prediction; ties count half. Of several labels the mean over those of which both values are there.
/// </summary>
internal sealed class AucMetric : Metric
{
    private readonly List<List<(float Score, bool Positive, double Weight)>> _labels = [];

    public override void Add(Tape tape, Head head, in NetworkOutput output, SequenceBatch batch)
    {
        var scores = head.Predict(tape, output)[1];
        var labels = scores.Shape.Columns;
        while (_labels.Count < labels) _labels.Add([]);
        for (var i = 0; i < scores.Length; i++)
        {
            if (batch.LabelAt(i) is { } isPositive) _labels[i % labels].Add((scores[i], isPositive, WeightOf(batch, i / labels)));
        }
    }

    public override double Value()
    {
        double[] areas = [.. _labels.Select(Area).Where(area => !double.IsNaN(area))];
        return areas.Length > 0 ? areas.Average()
            : throw new InvalidOperationException(
                "The area under the ROC curve needs both classes, but the validation set has only one. Add rows of the other class, or choose another metric.");
    }

    /// <summary>The area under the ROC curve; NaN if all rows have the same label.</summary>
    public static double Area(IEnumerable<(float Score, bool Positive, double Weight)> rows)
    {
        double below = 0, area = 0, positives = 0;
        foreach (var tied in rows.GroupBy(row => row.Score).OrderBy(group => group.Key))
        {
            double positive = tied.Where(row => row.Positive).Sum(row => row.Weight), negative = tied.Where(row => !row.Positive).Sum(row => row.Weight);
            area += positive * (below + negative / 2);
            (below, positives) = (below + negative, positives + positive);
        }

        return below > 0 && positives > 0 ? area / (below * positives) : double.NaN;
    }
}
