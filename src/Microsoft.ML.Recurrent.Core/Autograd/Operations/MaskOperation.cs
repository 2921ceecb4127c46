using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Zeroes the steps past the length of each row.</summary>
internal sealed class MaskOperation : Operation
{
    private int[]? _lengths;

    /// <summary>[time, rows, n] with the steps past the length of a row set to 0; x itself if all steps are valid.</summary>
    public static Tensor Apply(Tape tape, Tensor x, int[]? lengths)
    {
        if (lengths is null) return x;
        var (rows, n) = (x.Shape[1], x.Shape[2]);
        var y = tape.Rent(x.Shape);
        for (var i = 0; i < x.Shape.Rows; i++)
        {
            if (i / rows < lengths[i % rows]) x.Span.Slice(i * n, n).CopyTo(y.Span[(i * n)..]);
            else y.Span.Slice(i * n, n).Clear();
        }

        if (tape.Record<MaskOperation>(y, x) is { } record) record._lengths = lengths;
        return y;
    }

    public override void Backward(Tape tape)
    {
        var gradient = Tape.GradientOf(Operands.First)!.Span;
        var (rows, n) = (Output.Shape[1], Output.Shape[2]);
        for (var i = 0; i < Output.Shape.Rows; i++)
        {
            if (i / rows < _lengths![i % rows]) TensorPrimitives.Add(gradient.Slice(i * n, n), Output.Gradient!.Span.Slice(i * n, n), gradient.Slice(i * n, n));
        }
    }
}
