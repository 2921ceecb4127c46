using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>The states of a stretch at its positions.</summary>
internal sealed class PositionsOperation : Operation
{
    private int _first, _stride;

    /// <summary>[time, rows, n] to [positions x rows, n].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">The states of the steps that the layers have read.</param>
    /// <param name="positions">The positions.</param>
    public static Tensor Apply(Tape tape, Tensor x, in StretchPositions positions)
    {
        var (rows, n) = (x.Shape[1], x.Shape[2]);
        var (y, size, first) = (tape.Rent(new Shape(positions.Count * rows, n)), rows * n, positions.WarmUp - 1);
        for (var k = 0; k < positions.Count; k++) x.Span.Slice((first + k * positions.Stride) * size, size).CopyTo(y.Span[(k * size)..]);
        if (tape.Record<PositionsOperation>(y, x) is { } record) (record._first, record._stride) = (first, positions.Stride);
        return y;
    }

    public override void Backward(Tape tape)
    {
        var gradient = Tape.GradientOf(Operands.First)!;
        var upstream = Output.Gradient!.Span;
        var size = gradient.Shape[1] * gradient.Shape[2];
        for (var k = 0; k < upstream.Length / size; k++)
        {
            var step = gradient.Span.Slice((_first + k * _stride) * size, size);
            TensorPrimitives.Add(step, upstream.Slice(k * size, size), step);
        }
    }
}
