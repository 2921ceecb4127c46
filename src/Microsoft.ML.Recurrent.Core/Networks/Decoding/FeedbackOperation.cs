using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>
/// What a decoder's next step is fed with: the truth or what the step before has answered, row by row (scheduled sampling, Bengio et al. 2015). Gradients go
/// back into the answers that were fed.
/// </summary>
internal sealed class FeedbackOperation : Operation
{
    private int _offset;

    /// <summary>[1, rows, n] to [1, rows, targets].</summary>
    /// <param name="tape">Writes the operation down.</param>
    /// <param name="answer">A step's answer.</param>
    /// <param name="offset">The first of the answer's numbers that are fed back.</param>
    /// <param name="targets">How many are.</param>
    /// <param name="added">What is added to them, [rows x targets]; empty for nothing.</param>
    /// <param name="truth">What should have been answered, [rows x targets], NaN where that is not known; empty for none.</param>
    /// <param name="taught">Which rows are fed with the truth (1) and which with their own answer (0), [rows]; empty where all are alike.</param>
    public static Tensor Apply(Tape tape, Tensor answer, int offset, int targets, ReadOnlySpan<float> added, ReadOnlySpan<float> truth,
        ReadOnlySpan<float> taught)
    {
        var (rows, n) = (answer.Shape.Rows, answer.Shape.Columns);
        var y = tape.Rent(new Shape(1, rows, targets));
        var own = Tensor.Rent(new Shape(rows, targets));
        for (var i = 0; i < y.Length; i++)
        {
            var row = i / targets;
            var isTruth = !truth.IsEmpty && (taught.IsEmpty || taught[row] > 0) && !float.IsNaN(truth[i]);
            own[i] = isTruth ? 0 : 1;
            y[i] = isTruth ? truth[i] : answer[row * n + offset + i % targets] + (added.IsEmpty ? 0 : added[i]);
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
