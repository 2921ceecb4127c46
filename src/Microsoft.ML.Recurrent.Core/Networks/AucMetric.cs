using Microsoft.ML.Recurrent.Autograd;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>The area under the ROC curve of the head's second prediction; ties count half.</summary>
internal sealed class AucMetric : Metric
{
    private readonly List<(float Score, bool Positive, double Weight)> _rows = [];

    public override void Add(Tape tape, Head head, in NetworkOutput output, SequenceBatch batch)
    {
        var scores = head.Predict(tape, output)[1];
        for (var row = 0; row < batch.Rows; row++) _rows.Add((scores[row], batch.Labels![row] == 1, WeightOf(batch, row)));
    }

    public override double Value()
    {
        double below = 0, area = 0, positives = 0;
        foreach (var tied in _rows.GroupBy(row => row.Score).OrderBy(group => group.Key))
        {
            double positive = tied.Where(row => row.Positive).Sum(row => row.Weight), negative = tied.Where(row => !row.Positive).Sum(row => row.Weight);
            area += positive * (below + negative / 2);
            (below, positives) = (below + negative, positives + positive);
        }

        return below > 0 && positives > 0 ? area / (below * positives)
            : throw new InvalidOperationException(
                "The area under the ROC curve needs both classes, but the validation set has only one. Add rows of the other class, or choose another metric.");
    }
}
