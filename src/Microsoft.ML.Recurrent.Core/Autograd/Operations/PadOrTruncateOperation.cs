using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Copies the elements into another shape: truncated if it is smaller, zero-padded if it is larger.</summary>
internal sealed class PadOrTruncateOperation : Operation
{
    /// <summary>The first elements of <paramref name="x"/>, row-major.</summary>
    public static Tensor Apply(Tape tape, Tensor x, Shape shape)
    {
        if (shape == x.Shape) return x;
        var y = tape.Rent(shape);
        var common = Math.Min(x.Length, y.Length);
        x.Span[..common].CopyTo(y.Span);
        y.Span[common..].Clear();
        tape.Record<PadOrTruncateOperation>(y, x);
        return y;
    }

    public override void Backward(Tape tape)
    {
        var gradient = Tape.GradientOf(Operands.First)!.Span;
        var common = Math.Min(gradient.Length, Output.Length);
        TensorPrimitives.Add(gradient[..common], Output.Gradient!.Span[..common], gradient[..common]);
    }
}
