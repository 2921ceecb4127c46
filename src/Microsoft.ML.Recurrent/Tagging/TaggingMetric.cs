using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Tensor = Microsoft.ML.Recurrent.Tensors.Tensor;

namespace Microsoft.ML.Recurrent.Tagging;

/// <summary>The share of steps with the right tag, or the F1 score of the entities; of tags that are not of entities, the mean F1 score of the tags.</summary>
internal sealed class TaggingMetric(int tags, EntityTags? entities, bool f1) : Metric
{
    private readonly double[] _hits = new double[tags], _labeled = new double[tags], _called = new double[tags];
    private readonly EntityCounter? _counter = entities is null ? null : new(entities);

    public override void Add(Tape tape, Head head, in NetworkOutput output, SequenceBatch batch)
    {
        var answers = head.Answer(tape, output);
        var labels = new int[batch.Time];
        var found = new int[batch.Time];
        for (var row = 0; row < batch.Rows; row++)
        {
            var (length, weight) = (ReadRow(batch, answers, row, labels, found), WeightOf(batch, row));
            for (var t = 0; t < length; t++)
            {
                if (labels[t] < 0) continue;
                _labeled[labels[t]] += weight;
                _called[found[t]] += weight;
                if (labels[t] == found[t]) _hits[labels[t]] += weight;
            }
            _counter?.Add(labels.AsSpan(0, length), found.AsSpan(0, length), weight);
        }
    }

    /// <summary>Reads the tags of a row, from 0; both are negative where there is no label. Returns its steps.</summary>
    public static int ReadRow(SequenceBatch batch, Tensor answers, int row, Span<int> labels, Span<int> found)
    {
        var length = batch.Lengths?[row] ?? batch.Time;
        for (var t = 0; t < length; t++)
        {
            labels[t] = batch.StepLabels![t * batch.Rows + row];
            found[t] = labels[t] < 0 ? -1 : (int)answers[t * batch.Rows + row] - 1;
        }
        return length;
    }

    public override double Value()
    {
        if (!f1) return _hits.Sum() / _labeled.Sum();
        if (_counter is not null) return EntityCounter.F1(_counter.Correct.Sum(), _counter.Labeled.Sum(), _counter.Predicted.Sum());
        return Enumerable.Range(0, tags).Where(tag => _labeled[tag] + _called[tag] > 0).Average(tag => 2 * _hits[tag] / (_labeled[tag] + _called[tag]));
    }
}
