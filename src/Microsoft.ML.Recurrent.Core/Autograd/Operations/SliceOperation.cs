using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Consecutive steps of a sequence.</summary>
internal sealed class SliceOperation : Operation
{
    private int _start;

    /// <summary>[time, rows, n] to [count, rows, n].</summary>
    public static Tensor Apply(Tape tape, Tensor x, int first, int count)
    {
        if (first == 0 && count == x.Shape[0]) return x;
        var y = tape.Rent(new Shape(count, x.Shape[1], x.Shape[2]));
        var start = first * x.Shape[1] * x.Shape[2];
        x.Span.Slice(start, y.Length).CopyTo(y.Span);
        if (tape.Record<SliceOperation>(y, x) is { } record) record._start = start;
        return y;
    }

    public override void Backward(Tape tape)
    {
        var gradient = Tape.GradientOf(Operands.First)!.Span.Slice(_start, Output.Length);
        TensorPrimitives.Add(gradient, Output.Gradient!.Span, gradient);
    }
}
