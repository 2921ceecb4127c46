using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>y = x W^T + b over the last axis.</summary>
internal sealed unsafe class LinearOperation : Operation
{
    private Tensor? _x, _weight, _bias;

    /// <summary>[..., in] to [..., out].</summary>
    /// <param name="tape">Writes the operation down.</param>
    /// <param name="x">[..., in].</param>
    /// <param name="weight">[out, in].</param>
    /// <param name="bias">[out], or null.</param>
    public static Tensor Apply(Tape tape, Tensor x, Tensor weight, Tensor? bias = null)
    {
        var (rows, inputs, outputs) = (x.Shape.Rows, x.Shape.Columns, weight.Shape[0]);
        if (weight.Shape[1] != inputs) throw new ArgumentException($"A weight {weight.Shape} does not fit an input {x.Shape}.", nameof(weight));
        var y = tape.Rent(x.Shape.WithColumns(outputs));
        MatrixProduct.Multiply(false, true, rows, outputs, inputs, x.Pointer, inputs, weight.Pointer, inputs, y.Pointer, outputs, bias: bias is null ? null : bias.Pointer);
        if (tape.Record<LinearOperation>(y, x, weight, bias) is { } record) (record._x, record._weight, record._bias) = (x, weight, bias);
        return y;
    }

    public override void Backward(Tape tape)
    {
        var (x, weight) = (_x!, _weight!);
        var upstream = Output.Gradient!.Pointer;
        var (rows, inputs, outputs) = (x.Shape.Rows, x.Shape.Columns, weight.Shape[0]);
        if (Tape.GradientOf(weight, out var accumulate) is { } dw)
            MatrixProduct.Multiply(true, false, outputs, inputs, rows, upstream, outputs, x.Pointer, inputs, dw.Pointer, inputs, accumulate);
        if (Tape.GradientOf(_bias) is { } db) CpuKernels.Current.AddColumnSums(upstream, outputs, db.Pointer, rows, outputs);
        if (Tape.GradientOf(x, out accumulate) is { } dx)
            MatrixProduct.Multiply(false, false, rows, inputs, outputs, upstream, outputs, weight.Pointer, inputs, dx.Pointer, inputs, accumulate);
    }

    public override void Release()
    {
        (_x, _weight, _bias) = (null, null, null);
        base.Release();
    }
}
