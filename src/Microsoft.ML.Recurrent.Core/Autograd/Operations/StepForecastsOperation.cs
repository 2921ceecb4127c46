using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Adds forecasts of each target by itself to some parameters of a decoder's steps: answers [steps, rows, parameters x targets] and forecasts [rows x targets, horizon].</summary>
internal sealed class StepForecastsOperation : Operation
{
    private Tensor? _answers, _forecasts;
    private int _step, _first, _count;

    /// <param name="tape">Writes the operation down.</param>
    /// <param name="answers">[steps, rows, parameters x targets].</param>
    /// <param name="forecasts">[rows x targets, horizon].</param>
    /// <param name="step">The step of the horizon at which the answers begin.</param>
    /// <param name="first">The first parameter that forecasts are added to.</param>
    /// <param name="count">How many parameters they are added to.</param>
    public static Tensor Apply(Tape tape, Tensor answers, Tensor forecasts, int step, int first, int count)
    {
        var (steps, rows, n, horizon) = (answers.Shape[0], answers.Shape[1], answers.Shape[2], forecasts.Shape.Columns);
        var targets = forecasts.Shape.Rows / rows;
        if (targets * rows != forecasts.Shape.Rows || (first + count) * targets > n || step + steps > horizon) throw new ArgumentException($"Forecasts {forecasts.Shape} do not fit answers {answers.Shape} from step {step} on.", nameof(forecasts));
        var y = tape.Rent(answers.Shape);
        answers.Span.CopyTo(y.Span);
        for (var at = 0; at < steps * rows; at++)
        {
            for (var i = 0; i < count * targets; i++) y[at * n + first * targets + i] += forecasts[(at % rows * targets + i % targets) * horizon + step + at / rows];
        }

        if (tape.Record<StepForecastsOperation>(y, answers, forecasts) is { } record) (record._answers, record._forecasts, record._step, record._first, record._count) = (answers, forecasts, step, first, count);
        return y;
    }

    public override void Backward(Tape tape)
    {
        var upstream = Output.Gradient!.Span;
        if (Tape.GradientOf(_answers) is { } da)
        {
            for (var i = 0; i < upstream.Length; i++) da[i] += upstream[i];
        }

        if (Tape.GradientOf(_forecasts) is not { } df) return;
        var (steps, rows, n, horizon) = (Output.Shape[0], Output.Shape[1], Output.Shape[2], df.Shape.Columns);
        var targets = df.Shape.Rows / rows;
        for (var at = 0; at < steps * rows; at++)
        {
            for (var i = 0; i < _count * targets; i++) df[(at % rows * targets + i % targets) * horizon + _step + at / rows] += upstream[at * n + _first * targets + i];
        }
    }

    public override void Release()
    {
        (_answers, _forecasts) = (null, null);
        base.Release();
    }
}
