using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Adds the values of one step to every step of a sequence.</summary>
internal sealed unsafe class BroadcastAddOperation : Operation
{
    /// <summary>[time, rows, n] plus [rows, n], or two tensors of the same shape.</summary>
    public static Tensor Apply(Tape tape, Tensor x, Tensor step)
    {
        if (x.Shape.Columns != step.Shape.Columns || step.Length == 0 || x.Length % step.Length != 0)
            throw new ArgumentException($"{step.Shape} cannot be added to every step of {x.Shape}.", nameof(step));
        var y = tape.Rent(x.Shape);
        for (nint at = 0; at < x.Length; at += step.Length) CpuKernels.Current.Add(x.Pointer + at, step.Pointer, y.Pointer + at, step.Length);
        tape.Record<BroadcastAddOperation>(y, x, step);
        return y;
    }

    public override void Backward(Tape tape)
    {
        var upstream = Output.Gradient!;
        if (Tape.GradientOf(Operands.Second) is { } dstep)
            for (nint at = 0; at < upstream.Length; at += dstep.Length)
                CpuKernels.Current.Add(dstep.Pointer, upstream.Pointer + at, dstep.Pointer, dstep.Length);
        if (Tape.GradientOf(Operands.First, out var accumulate) is not { } dx) return;
        if (accumulate) CpuKernels.Current.Add(dx.Pointer, upstream.Pointer, dx.Pointer, dx.Length);
        else upstream.Span.CopyTo(dx.Span);
    }
}
