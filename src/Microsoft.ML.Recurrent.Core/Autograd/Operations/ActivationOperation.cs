using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>An element-wise function.</summary>
internal sealed unsafe class ActivationOperation : Operation
{
    private Activation _activation;
    private float _alpha;

    /// <summary>activation(x), of the shape of x. <paramref name="alpha"/> is a leaky ReLU's slope or an ELU's scale; 0.01 and 1 where not given.</summary>
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
