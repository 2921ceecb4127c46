using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Looks up rows of a table by index.</summary>
internal sealed class EmbeddingOperation : Operation
{
    private int[] _ids = [];
    private int _count, _paddingIndex;

    /// <summary>Token ids to vectors: [..., size] from a table [vocabulary, size].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="table">[vocabulary, size].</param>
    /// <param name="ids">One id for each row of the result.</param>
    /// <param name="shape">The shape of the result; its last axis is that of the table.</param>
    /// <param name="paddingIndex">An id whose table row receives no gradient; -1 for none.</param>
    public static Tensor Apply(Tape tape, Tensor table, ReadOnlySpan<int> ids, Shape shape, int paddingIndex = -1)
    {
        var (vocabulary, size) = (table.Shape[0], table.Shape[1]);
        if (shape.Columns != size || shape.Rows > ids.Length)
            throw new ArgumentException($"{ids.Length} ids and a table {table.Shape} do not give {shape}.", nameof(shape));
        ids = ids[..shape.Rows];
        var y = tape.Rent(shape);
        var from = table.Span;
        var to = y.Span;
        for (var i = 0; i < ids.Length; i++)
        {
            if ((uint)ids[i] >= (uint)vocabulary)
                throw new ArgumentOutOfRangeException(nameof(ids), ids[i], $"The ids of the vocabulary are 0 to {vocabulary - 1}.");
            from.Slice(ids[i] * size, size).CopyTo(to.Slice(i * size, size));
        }

        if (tape.Record<EmbeddingOperation>(y, table) is not { } record) return y;
        if (record._ids.Length < ids.Length) record._ids = new int[ids.Length];
        ids.CopyTo(record._ids);
        (record._count, record._paddingIndex) = (ids.Length, paddingIndex);
        return y;
    }

    public override void Backward(Tape tape)
    {
        var gradient = Tape.GradientOfRows(Operands.First, out var rows)!.Span;
        var upstream = Output.Gradient!.Span;
        var size = Output.Shape.Columns;
        for (var i = 0; i < _count; i++)
        {
            if (_ids[i] == _paddingIndex) continue;
            rows?.Add(_ids[i]);
            var row = gradient.Slice(_ids[i] * size, size);
            TensorPrimitives.Add(row, upstream.Slice(i * size, size), row);
        }
    }
}
