using Microsoft.ML.Recurrent.Autograd;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>One pass over a validation set, judged otherwise than by the loss. Rows count by their weights.</summary>
internal abstract class Metric
{
    /// <summary>Takes a batch in, by the head's answers.</summary>
    public abstract void Add(Tape tape, Head head, in NetworkOutput output, SequenceBatch batch);

    /// <summary>The figure over all batches so far.</summary>
    public abstract double Value();

    protected static double WeightOf(SequenceBatch batch, int row) => batch.Weights is null ? 1 : batch.Weights[row];
}

/// <summary>The mean error of the head's first answer, element by element, in the target's own unit.</summary>
internal sealed class ErrorMetric(bool squared) : Metric
{
    private double _sum, _weight;

    public override void Add(Tape tape, Head head, in NetworkOutput output, SequenceBatch batch)
    {
        var answers = head.Answer(tape, output);
        var columns = answers.Shape.Columns;
        ReadOnlySpan<float> predicted = answers.Span, wanted = batch.Targets!.Span;
        for (var row = 0; row < batch.Rows; row++)
        {
            double sum = 0;
            for (var i = row * columns; i < (row + 1) * columns; i++)
            {
                double error = predicted[i] - wanted[i];
                sum += squared ? error * error : Math.Abs(error);
            }

            _sum += WeightOf(batch, row) * sum / columns;
            _weight += WeightOf(batch, row);
        }
    }

    public override double Value() => squared ? Math.Sqrt(_sum / _weight) : _sum / _weight;
}

/// <summary>Figures of the classes found, which are the head's first answer.</summary>
/// <param name="classes">Their number.</param>
/// <param name="first">What the answer calls the first of them.</param>
/// <param name="f1">F1 instead of the accuracy.</param>
internal sealed class ClassMetric(int classes, int first, bool f1) : Metric
{
    private readonly double[] _hits = new double[classes], _labelled = new double[classes], _called = new double[classes];

    public override void Add(Tape tape, Head head, in NetworkOutput output, SequenceBatch batch)
    {
        var answers = head.Answer(tape, output);
        for (var row = 0; row < batch.Rows; row++)
        {
            var (label, found, weight) = (batch.Labels![row], (int)answers[row] - first, WeightOf(batch, row));
            _labelled[label] += weight;
            _called[found] += weight;
            if (label == found) _hits[label] += weight;
        }
    }

    public override double Value()
    {
        if (!f1) return _hits.Sum() / _labelled.Sum();
        if (classes == 2) return Of(1);
        // Classes that neither came nor were called have no score.
        return Enumerable.Range(0, classes).Where(c => _labelled[c] + _called[c] > 0).Average(Of);

        double Of(int c) => _labelled[c] + _called[c] > 0 ? 2 * _hits[c] / (_labelled[c] + _called[c]) : 0;
    }
}

/// <summary>The area under the ROC curve of the head's second answer, ties counting half.</summary>
internal sealed class RankMetric : Metric
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
            : throw new InvalidOperationException("The validation set has rows of one class only, which have no area under the ROC curve: give it rows of both, or stop by another metric.");
    }
}
