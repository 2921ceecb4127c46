using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd;

/// <summary>The tape's record of one operation: operands, result and whatever the backward pass needs. Records are pooled and reused at every step.</summary>
internal abstract class Operation
{
    /// <summary>The pool of the tape that the record returns to.</summary>
    public int Kind { get; init; }

    /// <summary>The result (the first, if there are several).</summary>
    public Tensor Output { get; set; } = null!;

    /// <summary>The operands, in the order of recording; null for none.</summary>
    public (Tensor? First, Tensor? Second, Tensor? Third, Tensor? Fourth) Operands { get; set; }

    /// <summary>A tensor owned by the record that the backward pass needs; released with the record.</summary>
    protected Tensor? _kept;

    /// <summary>Whether the result has received a gradient; without one there is no backward pass.</summary>
    public virtual bool HasUpstream => Output.HasGradient;

    /// <summary>Propagates the gradient of the result to the operands, adding to their gradients (<see cref="Tape.GradientOf(Tensor?)"/>).</summary>
    public abstract void Backward(Tape tape);

    /// <summary>Releases everything held: workspaces and references to tensors.</summary>
    public virtual void Release()
    {
        _kept?.Dispose();
        (Output, Operands, _kept) = (null!, default, null);
    }

    /// <summary>Releases the gradients of the results after the backward pass.</summary>
    public virtual void ReleaseUpstream() => ReleaseGradient(Output);

    protected static unsafe float* PointerOf(Tensor? tensor) => tensor is null ? null : tensor.Pointer;

    /// <summary>Of an operand, the gradient to be added to; null where none is wanted.</summary>
    protected static unsafe float* Added(Tensor? operand) => PointerOf(Tape.GradientOf(operand));

    /// <summary>Of a result, the gradient that has arrived; null where none has.</summary>
    protected static unsafe float* Upstream(Tensor? result) => result is { HasGradient: true } ? result.Gradient!.Pointer : null;

    protected static void ReleaseGradient(Tensor? tensor)
    {
        if (tensor is null) return;
        tensor.Gradient?.Dispose();
        (tensor.Gradient, tensor.HasGradient) = (null, false);
    }
}
