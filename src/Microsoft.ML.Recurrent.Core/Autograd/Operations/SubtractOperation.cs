using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>The difference of two tensors of the same shape.</summary>
internal sealed class SubtractOperation : Operation
{
    /// <summary>a - b.</summary>
    public static Tensor Apply(Tape tape, Tensor a, Tensor b)
    {
        if (a.Shape != b.Shape) throw new ArgumentException($"{b.Shape} cannot be subtracted from {a.Shape}.", nameof(b));
        var y = tape.Rent(a.Shape);
        TensorPrimitives.Subtract(a.Span, b.Span, y.Span);
        tape.Record<SubtractOperation>(y, a, b);
        return y;
    }

    public override void Backward(Tape tape)
    {
        var upstream = Output.Gradient!.Span;
        if (Tape.GradientOf(Operands.First) is { } da) TensorPrimitives.Add(da.Span, upstream, da.Span);
        if (Tape.GradientOf(Operands.Second) is { } db) TensorPrimitives.Subtract(db.Span, upstream, db.Span);
    }
}
