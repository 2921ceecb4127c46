using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>The record of a loss that computes its derivative together with its value; the backward pass only passes it on.</summary>
internal abstract class DifferentiatedLoss : Operation
{
    /// <summary>Takes ownership of the derivative: it is released with the record or becomes the gradient of the operand.</summary>
    protected void Keep(Tensor? derivative) => _kept = derivative;

    public sealed override void Backward(Tape tape)
    {
        var upstream = Output.Gradient!.Span[0];
        if (upstream != 1) TensorPrimitives.Multiply(_kept!.Span, upstream, _kept.Span);
        Tape.HandOver(Operands.First!, ref _kept);
    }
}
