using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Concatenates tensors along an axis.</summary>
internal sealed class ConcatOperation : Operation
{
    private readonly List<Tensor> _parts = [];
    private int _blocks;

    /// <summary>[..., a] and [..., b] to [..., a + b]; the result has the rank of the left tensor.</summary>
    public static Tensor Apply(Tape tape, Tensor left, Tensor right) => Apply(tape, left.Shape.Rank - 1, left, right);

    /// <summary>
    /// Concatenates tensors whose shapes differ along one axis only. Along the last axis only the numbers of rows must agree, and the result has the rank of
    /// the first part.
    /// </summary>
    public static Tensor Apply(Tape tape, int axis, params ReadOnlySpan<Tensor> parts)
    {
        if (parts.Length == 1) return parts[0];
        var first = parts[0].Shape;
        var last = axis == first.Rank - 1;
        var (size, blocks, needed) = (0, 1, false);
        for (var i = 0; i < axis; i++) blocks *= first[i];
        foreach (var part in parts)
        {
            if (last ? part.Shape.Rows != first.Rows : part.Shape.Rank != first.Rank || part.Shape.WithSize(axis, first[axis]) != first)
                throw new ArgumentException($"{first} and {part.Shape} cannot be concatenated along axis {axis}.", nameof(parts));
            size += last ? part.Shape.Columns : part.Shape[axis];
            needed |= tape.WillRecord(part);
        }

        var y = tape.Rent(first.WithSize(axis, size));
        for (int i = 0, offset = 0; i < parts.Length; offset += LengthOf(parts[i++], blocks))
        {
            var (length, all) = (LengthOf(parts[i], blocks), LengthOf(y, blocks));
            for (var block = 0; block < blocks; block++) parts[i].Span.Slice(block * length, length).CopyTo(y.Span[(block * all + offset)..]);
        }

        if (!needed) return y;
        var record = tape.Record<ConcatOperation>(y);
        foreach (var part in parts) record._parts.Add(part);
        record._blocks = blocks;
        return y;
    }

    public override void Backward(Tape tape)
    {
        for (int i = 0, offset = 0; i < _parts.Count; offset += LengthOf(_parts[i++], _blocks))
        {
            if (Tape.GradientOf(_parts[i], out var accumulate) is not { } gradient) continue;
            var (length, all) = (LengthOf(gradient, _blocks), LengthOf(Output, _blocks));
            for (var block = 0; block < _blocks; block++)
            {
                var from = Output.Gradient!.Span.Slice(block * all + offset, length);
                var to = gradient.Span.Slice(block * length, length);
                if (accumulate) TensorPrimitives.Add(to, from, to);
                else from.CopyTo(to);
            }
        }
    }

    public override void Release()
    {
        _parts.Clear();
        base.Release();
    }

    // The length of a contiguous run: the product of the sizes from the concatenated axis on.
    private static int LengthOf(Tensor x, int blocks) => blocks == 0 ? 0 : x.Length / blocks;
}
