using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Losses;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// The mean error of the head's first prediction, element by element, in the unit of the target; elements with missing target do not count.
/// </summary>
internal sealed class ErrorMetric(bool squared) : Metric
{
    private double _sum, _weight;

    public override void Add(Tape tape, Head head, in NetworkOutput output, SequenceBatch batch)
    {
        var answers = head.Answer(tape, output);
        var columns = answers.Shape.Columns;
        ReadOnlySpan<float> predicted = answers.Span, wanted = batch.Targets!.Span;
        for (var row = 0; row < (batch.HasStepTargets ? answers.Shape.Rows : batch.Rows); row++)
        {
            double sum = 0;
            var there = 0;
            for (var i = row * columns; i < (row + 1) * columns; i++)
            {
                if (MissingTargets.IsMissing(wanted[i])) continue;
                there++;
                double error = predicted[i] - wanted[i];
                sum += squared ? error * error : Math.Abs(error);
            }

            var weight = WeightOf(batch, row % batch.Rows);
            _sum += weight * sum / columns;
            _weight += weight * there / columns;
        }
    }

    public override double Value() => squared ? Math.Sqrt(_sum / _weight) : _sum / _weight;
}
