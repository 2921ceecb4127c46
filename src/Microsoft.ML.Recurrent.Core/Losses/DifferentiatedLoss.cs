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
    /// <summary>Takes the derivative over: it is given back with the record, or becomes the operand's gradient.</summary>
    protected void Keep(Tensor? derivative) => _kept = derivative;

    public sealed override void Backward(Tape tape)
    {
        var upstream = Output.Gradient!.Span[0];
        if (upstream != 1) TensorPrimitives.Multiply(_kept!.Span, upstream, _kept.Span);
        Tape.HandOver(Operands.First!, ref _kept);
    }
}
