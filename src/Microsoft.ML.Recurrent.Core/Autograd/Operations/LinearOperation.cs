using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>y = x W^T + b over the last axis.</summary>
internal sealed unsafe class LinearOperation : Operation
{
    // A block of gradients should stay in the L2 cache while it is read three times, and have enough outputs to make a separate matrix product worthwhile.
    private const int BlockElements = 1 << 17, SmallestBlock = 384;

    /// <summary>[..., in] to [..., out].</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">[..., in].</param>
    /// <param name="weight">[out, in].</param>
    /// <param name="bias">[out], or null.</param>
    public static Tensor Apply(Tape tape, Tensor x, Tensor weight, Tensor? bias = null)
    {
        var (rows, inputs, outputs) = (x.Shape.Rows, x.Shape.Columns, weight.Shape[0]);
        if (weight.Shape[1] != inputs) throw new ArgumentException($"A weight {weight.Shape} does not fit an input {x.Shape}.", nameof(weight));
        var y = tape.Rent(x.Shape.WithColumns(outputs));
        MatrixProduct.Multiply(false, true, rows, outputs, inputs, x.Pointer, inputs, weight.Pointer, inputs, y.Pointer, outputs,
            bias: PointerOf(bias));
        tape.Record<LinearOperation>(y, x, weight, bias);
        return y;
    }

    public override void Backward(Tape tape)
    {
        var (x, weight) = (Operands.First!, Operands.Second!);
        var (rows, inputs, outputs) = (x.Shape.Rows, x.Shape.Columns, weight.Shape[0]);
        var dw = PointerOf(Tape.GradientOf(weight, out var addsToWeight));
        var dx = PointerOf(Tape.GradientOf(x, out var addsToX));
        var db = Added(Operands.Third);

        // In blocks of outputs, so that all three products read a block from the cache. A sum over outputs continues from block to block, so the bits do not
        // change.
        var block = Math.Max(SmallestBlock, BlockElements / Math.Max(1, rows) / SmallestBlock * SmallestBlock);
        using var packed = dw == null || outputs <= block ? default : PackedMatrix.Pack(CpuKernels.Current, false, rows, inputs, x.Pointer, inputs);
        for (var first = 0; first < outputs; first += block)
        {
            var count = Math.Min(block, outputs - first);
            var upstream = Output.Gradient!.Pointer + first;
            var start = (nint)first * inputs;
            if (dw != null && outputs > block) MatrixProduct.Multiply(true, count, upstream, outputs, packed, dw + start, inputs, addsToWeight);
            else if (dw != null) MatrixProduct.Multiply(true, false, count, inputs, rows, upstream, outputs, x.Pointer, inputs, dw, inputs, addsToWeight);
            if (db != null) CpuKernels.Current.AddColumnSums(upstream, outputs, db + first, rows, count);
            if (dx != null)
                MatrixProduct.Multiply(false, false, rows, inputs, count, upstream, outputs, weight.Pointer + start, inputs, dx, inputs, addsToX || first > 0);
        }
    }
}
