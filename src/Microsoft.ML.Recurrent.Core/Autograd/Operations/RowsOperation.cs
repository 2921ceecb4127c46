using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Selects rows, each at most once.</summary>
internal sealed class RowsOperation : Operation
{
    private int[] _rows = [];
    private int _count;

    /// <summary>[..., n] to [count, n].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">[..., n]; all axes but the last are row axes.</param>
    /// <param name="rows">The rows, in the order of the result.</param>
    public static Tensor Apply(Tape tape, Tensor x, ReadOnlySpan<int> rows)
    {
        var columns = x.Shape.Columns;
        var y = tape.Rent(new Shape(rows.Length, columns));
        for (var i = 0; i < rows.Length; i++) x.Span.Slice(rows[i] * columns, columns).CopyTo(y.Span[(i * columns)..]);
        if (tape.Record<RowsOperation>(y, x) is not { } record) return y;
        if (record._rows.Length < rows.Length) record._rows = new int[rows.Length];
        rows.CopyTo(record._rows);
        record._count = rows.Length;
        return y;
    }

    public override void Backward(Tape tape)
    {
        if (Tape.GradientOf(Operands.First) is not { } gradient) return;
        var columns = Output.Shape.Columns;
        for (var i = 0; i < _count; i++)
        {
            var row = gradient.Span.Slice(_rows[i] * columns, columns);
            TensorPrimitives.Add(row, Output.Gradient!.Span.Slice(i * columns, columns), row);
        }
    }
}
