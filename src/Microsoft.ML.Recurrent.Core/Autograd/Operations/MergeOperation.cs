using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Merges the two halves of every row: the directions of a bidirectional layer.</summary>
internal sealed class MergeOperation : Operation
{
    private BidirectionalMerge _merge;

    /// <summary>[..., 2 x n] to [..., n]; x itself if the directions are concatenated.</summary>
    public static Tensor Apply(Tape tape, Tensor x, BidirectionalMerge merge)
    {
        if (merge == BidirectionalMerge.Concat) return x;
        var n = x.Shape.Columns / 2;
        var y = tape.Rent(x.Shape.WithColumns(n));
        for (var row = 0; row < y.Shape.Rows; row++)
        {
            ReadOnlySpan<float> left = x.Span.Slice(2 * row * n, n), right = x.Span.Slice((2 * row + 1) * n, n);
            var to = y.Span.Slice(row * n, n);
            if (merge == BidirectionalMerge.Product) TensorPrimitives.Multiply(left, right, to);
            else TensorPrimitives.Add(left, right, to);
            if (merge == BidirectionalMerge.Average) TensorPrimitives.Multiply(to, 0.5f, to);
        }

        if (tape.Record<MergeOperation>(y, x) is { } record) record._merge = merge;
        return y;
    }

    public override void Backward(Tape tape)
    {
        var x = Operands.First!;
        var gradient = Tape.GradientOf(x)!.Span;
        var n = Output.Shape.Columns;
        for (var row = 0; row < Output.Shape.Rows; row++)
        {
            ReadOnlySpan<float> upstream = Output.Gradient!.Span.Slice(row * n, n);
            Span<float> left = gradient.Slice(2 * row * n, n), right = gradient.Slice((2 * row + 1) * n, n);
            if (_merge == BidirectionalMerge.Product)
            {
                TensorPrimitives.MultiplyAdd(upstream, x.Span.Slice((2 * row + 1) * n, n), left, left);
                TensorPrimitives.MultiplyAdd(upstream, x.Span.Slice(2 * row * n, n), right, right);
                continue;
            }

            var share = _merge == BidirectionalMerge.Average ? 0.5f : 1;
            TensorPrimitives.MultiplyAdd(upstream, share, left, left);
            TensorPrimitives.MultiplyAdd(upstream, share, right, right);
        }
    }
}
