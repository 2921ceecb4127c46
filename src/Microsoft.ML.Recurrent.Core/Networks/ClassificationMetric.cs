using Microsoft.ML.Recurrent.Autograd;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>Accuracy or F1 score of the predicted classes, the head's first prediction.</summary>
/// <param name="classes">The number of classes.</param>
/// <param name="first">The value by which predictions denote the first class.</param>
/// <param name="f1">Whether to compute F1 instead of accuracy.</param>
internal sealed class ClassificationMetric(int classes, int first, bool f1) : Metric
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
        if (classes == 2) return F1(1);
        // Classes that are neither labeled nor predicted have no score.
        return Enumerable.Range(0, classes).Where(c => _labelled[c] + _called[c] > 0).Average(F1);

        double F1(int c) => _labelled[c] + _called[c] > 0 ? 2 * _hits[c] / (_labelled[c] + _called[c]) : 0;
    }
}
