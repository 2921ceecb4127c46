using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>Adds values to the location parameters of a head's output: a linear forecast, or the previous values (inverse differencing).</summary>
internal sealed class AddToParametersOperation : Operation
{
    private int _first, _count;

    /// <param name="tape">Records the operation.</param>
    /// <param name="answers">[..., parameters x n]; n is the number of targets of a step, or of all steps.</param>
    /// <param name="values">The values to add, [..., n], with the same number of rows.</param>
    /// <param name="subtracted">Values to subtract, of the same size; empty for none.</param>
    /// <param name="first">The first parameter to add to.</param>
    /// <param name="count">The number of parameters to add to.</param>
    public static Tensor Apply(Tape tape, Tensor answers, Tensor values, ReadOnlySpan<float> subtracted, int first, int count)
    {
        var (all, n) = (answers.Shape.Columns, values.Shape.Columns);
        if (answers.Shape.Rows != values.Shape.Rows || (first + count) * n > all)
            throw new ArgumentException($"Values {values.Shape} do not fit outputs {answers.Shape}.", nameof(values));
        var y = tape.Rent(answers.Shape);
        answers.Span.CopyTo(y.Span);
        for (var row = 0; row < answers.Shape.Rows; row++)
        {
            for (var i = 0; i < count * n; i++)
            {
                var from = row * n + i % n;
                y[row * all + first * n + i] += values[from] - (subtracted.IsEmpty ? 0 : subtracted[from]);
            }
        }

        if (tape.Record<AddToParametersOperation>(y, answers, values) is { } record) (record._first, record._count) = (first, count);
        return y;
    }

    public override void Backward(Tape tape)
    {
        var upstream = Output.Gradient!.Span;
        if (Tape.GradientOf(Operands.First) is { } da) TensorPrimitives.Add(da.Span, upstream, da.Span);
        if (Tape.GradientOf(Operands.Second) is not { } dv) return;
        var (all, n) = (Output.Shape.Columns, dv.Shape.Columns);
        for (var row = 0; row < Output.Shape.Rows; row++)
        {
            for (var i = 0; i < _count * n; i++) dv[row * n + i % n] += upstream[row * all + _first * n + i];
        }
    }
}
