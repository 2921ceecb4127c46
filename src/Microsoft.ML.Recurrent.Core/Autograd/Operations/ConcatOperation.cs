using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Two tensors side by side along their last axis.</summary>
internal sealed class ConcatOperation : Operation
{
    private Tensor? _left, _right;

    /// <summary>[..., a] and [..., b] to [..., a + b]; the result has the left one's rank.</summary>
    public static Tensor Apply(Tape tape, Tensor left, Tensor right)
    {
        var (rows, a, b) = (left.Shape.Rows, left.Shape.Columns, right.Shape.Columns);
        if (right.Shape.Rows != rows) throw new ArgumentException($"{left.Shape} and {right.Shape} cannot be joined along the last axis.", nameof(right));
        var y = tape.Rent(left.Shape.WithColumns(a + b));
        for (var row = 0; row < rows; row++)
        {
            left.Span.Slice(row * a, a).CopyTo(y.Span[(row * (a + b))..]);
            right.Span.Slice(row * b, b).CopyTo(y.Span[(row * (a + b) + a)..]);
        }

        if (tape.Record<ConcatOperation>(y, left, right) is { } record) (record._left, record._right) = (left, right);
        return y;
    }

    public override void Backward(Tape tape)
    {
        Carry(_left!, 0);
        Carry(_right!, _left!.Shape.Columns);
    }

    public override void Release()
    {
        (_left, _right) = (null, null);
        base.Release();
    }

    private void Carry(Tensor operand, int offset)
    {
        if (Tape.GradientOf(operand, out var accumulate) is not { } gradient) return;
        var (columns, all) = (operand.Shape.Columns, Output.Shape.Columns);
        for (var row = 0; row < operand.Shape.Rows; row++)
        {
            var from = Output.Gradient!.Span.Slice(row * all + offset, columns);
            var to = gradient.Span.Slice(row * columns, columns);
            if (accumulate) TensorPrimitives.Add(to, from, to);
            else from.CopyTo(to);
        }
    }
}
