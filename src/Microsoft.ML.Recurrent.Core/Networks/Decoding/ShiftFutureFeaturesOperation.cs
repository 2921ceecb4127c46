using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>
/// Shifts the known future features (the last ones of a window) one step earlier: each step gets those of the next step, and the last step those of the first
/// future step.
/// </summary>
internal sealed class ShiftFutureFeaturesOperation : Operation
{
    private int[]? _lengths;

    /// <summary>
    /// [time, rows, n] and [steps, rows, k] to [time, rows, n]; 0 past the length of a row. Of a stretch, [steps, positions x rows, k], the last position's are
    /// those of the step after it.
    /// </summary>
    public static Tensor Apply(Tape tape, Tensor window, Tensor future, int[]? lengths)
    {
        if (future.Shape.Columns > window.Shape.Columns || future.Shape[1] % window.Shape[1] != 0)
            throw new ArgumentException($"Future features {future.Shape} do not fit a window {window.Shape}.", nameof(future));
        var y = tape.Rent(window.Shape);
        y.Span.Clear();
        Move(window.Span, future.Span, y.Span, window.Shape, future.Shape, lengths, backward: false);
        if (tape.Record<ShiftFutureFeaturesOperation>(y, window, future) is { } record) record._lengths = lengths;
        return y;
    }

    public override void Backward(Tape tape)
    {
        var (dwindow, dfuture) = (Tape.GradientOf(Operands.First), Tape.GradientOf(Operands.Second));
        Move(dwindow is null ? default : dwindow.Span, dfuture is null ? default : dfuture.Span, Output.Gradient!.Span, Output.Shape,
            Operands.Second!.Shape, _lengths, backward: true);
    }

    private static void Move(Span<float> window, Span<float> future, Span<float> y, in Shape shape, in Shape ahead, int[]? lengths, bool backward)
    {
        var (time, rows, n, known) = (shape[0], shape[1], shape[2], ahead.Columns);
        var last = ahead[1] - rows;
        for (var row = 0; row < rows; row++)
        {
            var length = lengths is null ? time : lengths[row];
            for (var t = 0; t < length; t++)
            {
                var at = (t * rows + row) * n;
                Pass(window, at, y.Slice(at, n - known), backward);
                if (t + 1 < length) Pass(window, at + (rows + 1) * n - known, y.Slice(at + n - known, known), backward);
                else Pass(future, (last + row) * known, y.Slice(at + n - known, known), backward);
            }
        }
    }

    private static void Pass(Span<float> operand, int at, Span<float> y, bool backward)
    {
        if (operand.IsEmpty) return;
        var part = operand.Slice(at, y.Length);
        if (backward) TensorPrimitives.Add(part, y, part);
        else part.CopyTo(y);
    }
}
