using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Networks.Decoding;

/// <summary>
/// Adds values of the targets to those of a head's parameters that say where a step lies: a linear forecast, or the values before the steps (inverse
/// differencing).
/// </summary>
internal sealed class AddToParametersOperation : Operation
{
    private int _first, _count;

    /// <param name="tape">Writes the operation down.</param>
    /// <param name="answers">[..., parameters x n]; n is the targets of a step, or of all steps.</param>
    /// <param name="values">What is added, [..., n], as many rows.</param>
    /// <param name="subtracted">What is taken off those values, as many numbers; empty for nothing.</param>
    /// <param name="first">The first parameter that they are added to.</param>
    /// <param name="count">How many parameters they are added to.</param>
    public static Tensor Apply(Tape tape, Tensor answers, Tensor values, ReadOnlySpan<float> subtracted, int first, int count)
    {
        var (all, n) = (answers.Shape.Columns, values.Shape.Columns);
        if (answers.Shape.Rows != values.Shape.Rows || (first + count) * n > all)
            throw new ArgumentException($"Values {values.Shape} do not fit answers {answers.Shape}.", nameof(values));
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
