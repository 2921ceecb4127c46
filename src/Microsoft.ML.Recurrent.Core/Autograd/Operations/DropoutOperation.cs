using Microsoft.ML.Recurrent.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>Inverted dropout (Srivastava et al. 2014): each element is 0 with probability rate, otherwise divided by 1 - rate.</summary>
internal sealed class DropoutOperation : Operation
{
    /// <summary>
    /// Drops elements of <paramref name="x"/> if the tape is in training mode, otherwise returns x itself. With <paramref name="sharedOverTime"/> all time
    /// steps of [time, batch, features] share one mask (variational dropout, Gal and Ghahramani 2016).
    /// </summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">The input.</param>
    /// <param name="rate">From 0 to less than 1.</param>
    /// <param name="sharedOverTime">Whether all time steps share one mask.</param>
    /// <param name="stream">The random stream of the mask; null for a new one.</param>
    public static Tensor Apply(Tape tape, Tensor x, float rate, bool sharedOverTime = false, ulong? stream = null)
    {
        if (rate is < 0 or >= 1 or float.NaN)
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "A dropout rate must be at least 0 and less than 1.");
        if (!tape.Training || rate == 0) return x;
        var length = sharedOverTime ? x.Length / Math.Max(1, x.Shape[0]) : x.Length;
        var mask = Tensor.Rent(new Shape(length));
        FillMask(mask.Span, rate, tape.Seed, stream ?? tape.NextStream());
        return Apply(tape, x, mask);
    }

    /// <summary>Multiplies by a mask, which the operation owns from now on: of the length of x or of one time step.</summary>
    public static Tensor Apply(Tape tape, Tensor x, Tensor mask)
    {
        var y = tape.Rent(x.Shape);
        for (var start = 0; start < x.Length; start += mask.Length)
            TensorPrimitives.Multiply(x.Span.Slice(start, mask.Length), mask.Span, y.Span.Slice(start, mask.Length));
        if (tape.Record<DropoutOperation>(y, x) is { } record) record._kept = mask;
        else mask.Dispose();
        return y;
    }

    /// <summary>Element i of the mask depends on key, stream and i only.</summary>
    public static void FillMask(Span<float> mask, float rate, ulong key, ulong stream)
    {
        var (threshold, scale) = ((uint)(rate * (double)(1L << 32)), 1 / (1 - rate));
        for (var i = 0; i < mask.Length; i += Philox.BlockSize)
        {
            var (a, b, c, d) = Philox.Block(key, stream, (ulong)(i / Philox.BlockSize));
            mask[i] = a >= threshold ? scale : 0;
            if (i + 1 < mask.Length) mask[i + 1] = b >= threshold ? scale : 0;
            if (i + 2 < mask.Length) mask[i + 2] = c >= threshold ? scale : 0;
            if (i + 3 < mask.Length) mask[i + 3] = d >= threshold ? scale : 0;
        }
    }

    public override void Backward(Tape tape)
    {
        if (Tape.GradientOf(Operands.First, out var accumulate) is not { } gradient) return;
        var upstream = Output.Gradient!.Span;
        var mask = _kept!.Span;
        for (var start = 0; start < upstream.Length; start += mask.Length)
        {
            var part = upstream.Slice(start, mask.Length);
            var sum = gradient.Span.Slice(start, mask.Length);
            if (accumulate) TensorPrimitives.MultiplyAdd(part, mask, sum, sum);
            else TensorPrimitives.Multiply(part, mask, sum);
        }
    }
}
