using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>
/// The input of the next decoder step: the target (teacher forcing) or the previous output, chosen per row (scheduled sampling, Bengio et al. 2015). Gradients
/// flow back into the outputs that were fed.
/// </summary>
internal sealed class FeedbackOperation : Operation
{
    private int _offset;

    /// <summary>[1, rows, n] to [1, rows, targets].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="answer">The output of a step.</param>
    /// <param name="offset">The first value to feed back.</param>
    /// <param name="targets">The number of values to feed back.</param>
    /// <param name="added">Values to add to them, [rows x targets]; empty for none.</param>
    /// <param name="targetValues">The targets, [rows x targets], NaN if unknown; empty for none.</param>
    /// <param name="teacherForced">1 for rows with teacher forcing, 0 for rows fed their own output, [rows]; empty for teacher forcing in all rows.</param>
    public static Tensor Apply(Tape tape, Tensor answer, int offset, int targets, ReadOnlySpan<float> added, ReadOnlySpan<float> targetValues,
        ReadOnlySpan<float> teacherForced)
    {
        var (rows, n) = (answer.Shape.Rows, answer.Shape.Columns);
        var y = tape.Rent(new Shape(1, rows, targets));
        var own = Tensor.Rent(new Shape(rows, targets));
        for (var i = 0; i < y.Length; i++)
        {
            var row = i / targets;
            var isForced = !targetValues.IsEmpty && (teacherForced.IsEmpty || teacherForced[row] > 0) && !MissingTargets.IsMissing(targetValues[i]);
            own[i] = isForced ? 0 : 1;
            y[i] = isForced ? targetValues[i] : answer[row * n + offset + i % targets] + (added.IsEmpty ? 0 : added[i]);
        }

        if (tape.Record<FeedbackOperation>(y, answer) is { } record) (record._kept, record._offset) = (own, offset);
        else own.Dispose();
        return y;
    }

    public override void Backward(Tape tape)
    {
        var gradient = Tape.GradientOf(Operands.First)!;
        var (upstream, targets, n) = (Output.Gradient!, Output.Shape.Columns, gradient.Shape.Columns);
        for (var i = 0; i < upstream.Length; i++)
        {
            if (_kept![i] > 0) gradient[i / targets * n + _offset + i % targets] += upstream[i];
        }
    }
}
