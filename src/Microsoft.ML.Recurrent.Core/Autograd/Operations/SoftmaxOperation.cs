using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Softmax over the last axis.</summary>
internal sealed unsafe class SoftmaxOperation : Operation
{
    private Tensor? _x;

    /// <summary>[..., n] to [..., n], each row summing to 1.</summary>
    public static Tensor Apply(Tape tape, Tensor x)
    {
        var y = tape.Rent(x.Shape);
        CpuKernels.Current.Softmax(x.Pointer, y.Pointer, x.Shape.Rows, x.Shape.Columns);
        if (tape.Record<SoftmaxOperation>(y, x) is { } record) record._x = x;
        return y;
    }

    public override void Backward(Tape tape) =>
        CpuKernels.Current.SoftmaxBackward(Output.Pointer, Output.Gradient!.Pointer, Tape.GradientOf(_x)!.Pointer, Output.Shape.Rows, Output.Shape.Columns);

    public override void Release()
    {
        _x = null;
        base.Release();
    }
}
