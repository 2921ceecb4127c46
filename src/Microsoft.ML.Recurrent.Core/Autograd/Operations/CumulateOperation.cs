using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Steps' answers that are differences from the values before them as values: those are added to the parameters that say where a step lies.</summary>
internal sealed class CumulateOperation : Operation
{
    private Tensor? _answers, _before;
    private int _first, _count;

    /// <param name="tape">Writes the operation down.</param>
    /// <param name="answers">[steps, rows, parameters x targets].</param>
    /// <param name="before">The value before each step, [steps, rows, targets].</param>
    /// <param name="less">What is taken off those values, [steps x rows x targets]; empty for nothing.</param>
    /// <param name="first">The first parameter that they are added to.</param>
    /// <param name="count">How many parameters they are added to.</param>
    public static Tensor Apply(Tape tape, Tensor answers, Tensor before, ReadOnlySpan<float> less, int first, int count)
    {
        var (n, targets) = (answers.Shape.Columns, before.Shape.Columns);
        if (answers.Shape.Rows != before.Shape.Rows || (first + count) * targets > n) throw new ArgumentException($"Values {before.Shape} do not fit answers {answers.Shape}.", nameof(before));
        var y = tape.Rent(answers.Shape);
        answers.Span.CopyTo(y.Span);
        for (var at = 0; at < answers.Shape.Rows; at++)
        {
            for (var i = 0; i < count * targets; i++)
            {
                var from = at * targets + i % targets;
                y[at * n + first * targets + i] += before[from] - (less.IsEmpty ? 0 : less[from]);
            }
        }

        if (tape.Record<CumulateOperation>(y, answers, before) is { } record) (record._answers, record._before, record._first, record._count) = (answers, before, first, count);
        return y;
    }

    public override void Backward(Tape tape)
    {
        var upstream = Output.Gradient!.Span;
        if (Tape.GradientOf(_answers) is { } da)
        {
            for (var i = 0; i < upstream.Length; i++) da[i] += upstream[i];
        }

        if (Tape.GradientOf(_before) is not { } db) return;
        var (n, targets) = (Output.Shape.Columns, db.Shape.Columns);
        for (var at = 0; at < Output.Shape.Rows; at++)
        {
            for (var i = 0; i < _count * targets; i++) db[at * targets + i % targets] += upstream[at * n + _first * targets + i];
        }
    }

    public override void Release()
    {
        (_answers, _before) = (null, null);
        base.Release();
    }
}
