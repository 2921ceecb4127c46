using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd;

/// <summary>
/// What a tape remembers of one operation: its operands, its result and what its backward pass needs. Records are pooled: one is used again for every step.
/// </summary>
internal abstract class Operation
{
    /// <summary>Which pool of the tape's the record goes back to.</summary>
    public int Kind { get; init; }

    /// <summary>The result (the first of several).</summary>
    public Tensor Output { get; set; } = null!;

    /// <summary>The operands, in the order in which the tape was told of them; null for none.</summary>
    public (Tensor? First, Tensor? Second, Tensor? Third, Tensor? Fourth) Operands { get; set; }

    /// <summary>A tensor of the record's own that the backward pass needs, if any; given back with the record.</summary>
    protected Tensor? _kept;

    /// <summary>Whether any gradient has arrived at the result, without which there is nothing to carry back.</summary>
    public virtual bool HasUpstream => Output.HasGradient;

    /// <summary>
    /// Carries the gradient of the result back to the operands, adding to what has arrived there already (<see cref="Tape.GradientOf(Tensor?)"/>).
    /// </summary>
    public abstract void Backward(Tape tape);

    /// <summary>Gives back everything held: workspaces, and references to tensors.</summary>
    public virtual void Release()
    {
        _kept?.Dispose();
        (Output, Operands, _kept) = (null!, default, null);
    }

    /// <summary>Gives back the gradients of the results once they were carried on.</summary>
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
