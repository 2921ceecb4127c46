using Microsoft.ML.Recurrent.Autograd;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>Figures of the classes found, which are the head's first answer.</summary>
/// <param name="classes">Their number.</param>
/// <param name="first">What the answer calls the first of them.</param>
/// <param name="f1">F1 instead of the accuracy.</param>
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
        // Classes that neither came nor were called have no score.
        return Enumerable.Range(0, classes).Where(c => _labelled[c] + _called[c] > 0).Average(F1);

        double F1(int c) => _labelled[c] + _called[c] > 0 ? 2 * _hits[c] / (_labelled[c] + _called[c]) : 0;
    }
}
