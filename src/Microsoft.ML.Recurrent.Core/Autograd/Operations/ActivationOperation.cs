using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>An element-wise function.</summary>
internal sealed unsafe class ActivationOperation : Operation
{
    private Activation _activation;
    private float _alpha;

    /// <summary>
    /// activation(x), with the shape of x. <paramref name="alpha"/> is the slope of a leaky ReLU (default 0.01) or the scale of an ELU (default 1).
    /// </summary>
    public static Tensor Apply(Tape tape, Tensor x, Activation activation, float? alpha = null)
    {
        var a = alpha ?? (activation == Activation.LeakyRelu ? 0.01f : 1);
        var y = tape.Rent(x.Shape);
        CpuKernels.Current.Activate(activation, a, x.Pointer, y.Pointer, x.Length);
        if (tape.Record<ActivationOperation>(y, x) is { } record) (record._activation, record._alpha) = (activation, a);
        return y;
    }

    public override void Backward(Tape tape) => CpuKernels.Current.ActivateBackward(
        _activation, _alpha, PointerOf(Operands.First), Output.Pointer, Output.Gradient!.Pointer, Added(Operands.First), Output.Length);
}
