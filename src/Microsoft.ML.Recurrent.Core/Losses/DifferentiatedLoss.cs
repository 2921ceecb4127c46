using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>
/// The record of a loss whose derivative with respect to its operand is computed with the loss itself, while what it needs is at hand; the backward pass only
/// hands it on.
/// </summary>
internal abstract class DifferentiatedLoss : Operation
{
    private Tensor? _operand, _derivative;

    /// <summary>Takes the derivative over: it is given back with the record, or becomes the operand's gradient.</summary>
    protected void Keep(Tensor operand, Tensor? derivative) => (_operand, _derivative) = (operand, derivative);

    public sealed override void Backward(Tape tape)
    {
        var upstream = Output.Gradient!.Span[0];
        if (upstream != 1) TensorPrimitives.Multiply(_derivative!.Span, upstream, _derivative.Span);
        Tape.HandOver(_operand!, ref _derivative);
    }

    public sealed override void Release()
    {
        _derivative?.Dispose();
        (_operand, _derivative) = (null, null);
        base.Release();
    }
}
