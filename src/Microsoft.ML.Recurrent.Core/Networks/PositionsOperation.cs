using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>The states of a stretch at its positions, or those of the last steps up to each of them.</summary>
internal sealed class PositionsOperation : Operation
{
    private StretchPositions _positions;
    private int _steps;

    /// <summary>[time, rows, n] to [positions x rows, n].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">The states of the steps that the layers have read.</param>
    /// <param name="positions">The positions.</param>
    public static Tensor Apply(Tape tape, Tensor x, in StretchPositions positions) =>
        Apply(tape, x, positions, 1, new Shape(positions.Count * x.Shape[1], x.Shape[2]));

    /// <summary>The states of the steps of the warm-up that end at each position: [time, rows, n] to [warm-up, positions x rows, n].</summary>
    /// <inheritdoc cref="Apply(Tape, Tensor, in StretchPositions)"/>
    public static Tensor WithWarmUp(Tape tape, Tensor x, in StretchPositions positions) =>
        Apply(tape, x, positions, positions.WarmUp, new Shape(positions.WarmUp, positions.Count * x.Shape[1], x.Shape[2]));

    public override void Backward(Tape tape)
    {
        var (gradient, upstream) = (Tape.GradientOf(Operands.First)!, Output.Gradient!);
        var size = gradient.Shape[1] * gradient.Shape[2];
        for (var place = 0; place < upstream.Length / size; place++)
        {
            var states = gradient.Span.Slice(StepAt(place) * size, size);
            TensorPrimitives.Add(states, upstream.Span.Slice(place * size, size), states);
        }
    }

    private static Tensor Apply(Tape tape, Tensor x, in StretchPositions positions, int steps, in Shape shape)
    {
        var (y, size) = (tape.Rent(shape), x.Shape[1] * x.Shape[2]);
        for (var place = 0; place < steps * positions.Count; place++)
            x.Span.Slice(StepAt(place, positions, steps) * size, size).CopyTo(y.Span[(place * size)..]);
        if (tape.Record<PositionsOperation>(y, x) is { } record) (record._positions, record._steps) = (positions, steps);
        return y;
    }

    private int StepAt(int place) => StepAt(place, _positions, _steps);

    // Step by step, then position by position; the last step is the position itself.
    private static int StepAt(int place, in StretchPositions positions, int steps) =>
        positions.WarmUp - steps + place / positions.Count + place % positions.Count * positions.Stride;
}
