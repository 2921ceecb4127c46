using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>
/// Adds a forecast of each target by itself to some of a head's parameters: values [rows, parameters x steps], steps being horizon x targets step by step, and forecasts [rows x targets, horizon].
/// </summary>
internal sealed class TargetSumOperation : Operation
{
    private Tensor? _values, _forecasts;
    private int _first, _count;

    /// <param name="tape">Writes the operation down.</param>
    /// <param name="values">[rows, parameters x horizon x targets].</param>
    /// <param name="forecasts">[rows x targets, horizon].</param>
    /// <param name="first">The first parameter that they are added to.</param>
    /// <param name="count">How many parameters they are added to.</param>
    public static Tensor Apply(Tape tape, Tensor values, Tensor forecasts, int first, int count)
    {
        var (rows, horizon) = (values.Shape.Rows, forecasts.Shape.Columns);
        var steps = forecasts.Length / rows;
        if (steps * rows != forecasts.Length || (first + count) * steps > values.Shape.Columns) throw new ArgumentException($"Forecasts {forecasts.Shape} do not fit values {values.Shape}.", nameof(forecasts));
        var y = tape.Rent(values.Shape);
        values.Span.CopyTo(y.Span);
        var targets = steps / horizon;
        for (var row = 0; row < rows; row++)
        {
            for (var parameter = first; parameter < first + count; parameter++)
            {
                var to = y.Span.Slice(row * values.Shape.Columns + parameter * steps, steps);
                for (var i = 0; i < steps; i++) to[i] += forecasts[(row * targets + i % targets) * horizon + i / targets];
            }
        }

        if (tape.Record<TargetSumOperation>(y, values, forecasts) is { } record) (record._values, record._forecasts, record._first, record._count) = (values, forecasts, first, count);
        return y;
    }

    public override void Backward(Tape tape)
    {
        var upstream = Output.Gradient!.Span;
        if (Tape.GradientOf(_values!, out var accumulate) is { } dv)
        {
            if (accumulate) TensorPrimitives.Add(dv.Span, upstream, dv.Span);
            else upstream.CopyTo(dv.Span);
        }
        if (Tape.GradientOf(_forecasts!, out accumulate) is not { } df) return;
        var (rows, columns, horizon) = (Output.Shape.Rows, Output.Shape.Columns, _forecasts!.Shape.Columns);
        var (steps, targets) = (df.Length / rows, df.Length / rows / horizon);
        if (!accumulate) df.Span.Clear();
        for (var row = 0; row < rows; row++)
        {
            for (var parameter = _first; parameter < _first + _count; parameter++)
            {
                var from = upstream.Slice(row * columns + parameter * steps, steps);
                for (var i = 0; i < steps; i++) df[(row * targets + i % targets) * horizon + i / targets] += from[i];
            }
        }
    }

    public override void Release()
    {
        (_values, _forecasts) = (null, null);
        base.Release();
    }
}
