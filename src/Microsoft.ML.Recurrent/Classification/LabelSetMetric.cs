using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Classification;

/// <summary>Of several binary labels per row: the share that is predicted rightly, or the F1 score over all of them (micro-averaged).</summary>
internal sealed class LabelSetMetric(bool f1) : Metric
{
    private double _right, _all, _hits, _positives, _called;

    public override void Add(Tape tape, Head head, in NetworkOutput output, SequenceBatch batch)
    {
        var answers = head.Answer(tape, output);
        for (var i = 0; i < answers.Length; i++)
        {
            if (batch.LabelAt(i) is not { } isPositive) continue;
            var (isCalled, weight) = (answers[i] > 0, WeightOf(batch, i / answers.Shape.Columns));
            _all += weight;
            if (isCalled == isPositive) _right += weight;
            if (isPositive) _positives += weight;
            if (isCalled) _called += weight;
            if (isCalled && isPositive) _hits += weight;
        }
    }

    public override double Value() => !f1 ? _right / _all : _positives + _called > 0 ? 2 * _hits / (_positives + _called) : 0;
}
