using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Sums of rows of a table, each divided by the root of the number of its rows.</summary>
internal sealed class EmbeddingBagOperation : Operation
{
    private int[] _ids = [], _starts = [];

    /// <summary>Bags of ids to [bags, size] from a table [rows, size].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="table">[rows, size].</param>
    /// <param name="ids">The ids of all bags.</param>
    /// <param name="starts">The place of the first id of each bag, and the number of ids.</param>
    public static Tensor Apply(Tape tape, Tensor table, ReadOnlySpan<int> ids, ReadOnlySpan<int> starts)
    {
        var size = table.Shape[1];
        var y = tape.Rent(new Shape(starts.Length - 1, size));
        var from = table.Span;
        y.Span.Clear();
        for (var bag = 0; bag < starts.Length - 1; bag++)
        {
            var sum = y.Span.Slice(bag * size, size);
            foreach (var id in ids[starts[bag]..starts[bag + 1]]) TensorPrimitives.Add(sum, from.Slice(id * size, size), sum);
            TensorPrimitives.Multiply(sum, Scale(starts, bag), sum);
        }
        if (tape.Record<EmbeddingBagOperation>(y, table) is not { } record) return y;
        if (record._ids.Length < ids.Length) record._ids = new int[ids.Length];
        if (record._starts.Length != starts.Length) record._starts = new int[starts.Length];
        ids.CopyTo(record._ids);
        starts.CopyTo(record._starts);
        return y;
    }

    public override void Backward(Tape tape)
    {
        var gradient = Tape.GradientOfRows(Operands.First, out var rows)!.Span;
        var upstream = Output.Gradient!.Span;
        var size = Output.Shape.Columns;
        for (var bag = 0; bag < _starts.Length - 1; bag++)
        {
            var part = upstream.Slice(bag * size, size);
            var scale = Scale(_starts, bag);
            foreach (var id in _ids.AsSpan(_starts[bag].._starts[bag + 1]))
            {
                rows?.Add(id);
                var row = gradient.Slice(id * size, size);
                TensorPrimitives.MultiplyAdd(part, scale, row, row);
            }
        }
    }

    // A bag without ids is 0.
    private static float Scale(ReadOnlySpan<int> starts, int bag) => 1 / MathF.Sqrt(Math.Max(1, starts[bag + 1] - starts[bag]));
}
