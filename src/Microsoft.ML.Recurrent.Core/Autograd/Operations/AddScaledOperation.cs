using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>a x + b y of two tensors of the same shape: losses of two heads, or outputs of two models.</summary>
internal sealed class AddScaledOperation : Operation
{
    private float _first, _second;

    public static Tensor Apply(Tape tape, Tensor x, Tensor y, float first, float second)
    {
        var sum = tape.Rent(x.Shape);
        TensorPrimitives.Multiply(x.Span, first, sum.Span);
        TensorPrimitives.MultiplyAdd(y.Span, second, sum.Span, sum.Span);
        if (tape.Record<AddScaledOperation>(sum, x, y) is { } record) (record._first, record._second) = (first, second);
        return sum;
    }

    public override void Backward(Tape tape)
    {
        var upstream = Output.Gradient!.Span;
        Add(Operands.First, upstream, _first);
        Add(Operands.Second, upstream, _second);
    }

    private static void Add(Tensor? operand, ReadOnlySpan<float> upstream, float scale)
    {
        if (Tape.GradientOf(operand, out var accumulate) is not { } gradient) return;
        if (accumulate) TensorPrimitives.MultiplyAdd(upstream, scale, gradient.Span, gradient.Span);
        else TensorPrimitives.Multiply(upstream, scale, gradient.Span);
    }
}
