using System.Numerics.Tensors;

namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>
/// Soft-max of a row of logits by the kernels' own routine: its greatest number is taken away first, so that large logits do not overflow. A row with NaN gives
/// NaN throughout.
/// </summary>
internal static unsafe class RowSoftmax
{
    /// <summary>The probabilities; <paramref name="y"/> may be <paramref name="x"/>.</summary>
    public static void Apply(ReadOnlySpan<float> x, Span<float> y)
    {
        if (FillIfNaN(x, y)) return;
        fixed (float* from = x, to = y) CpuKernels.Current.Softmax(from, to, 1, x.Length);
    }

    /// <summary>The probabilities' natural logarithms.</summary>
    public static void ApplyLog(ReadOnlySpan<float> x, Span<float> y)
    {
        if (FillIfNaN(x, y)) return;
        var largest = TensorPrimitives.Max(x);
        double sum = 0;
        foreach (var value in x) sum += Math.Exp(value - largest);
        var logarithm = Math.Log(sum);
        for (var i = 0; i < x.Length; i++) y[i] = (float)((double)x[i] - largest - logarithm);
    }

    // Kernels compare and clamp, which may lose a NaN.
    private static bool FillIfNaN(ReadOnlySpan<float> x, Span<float> y)
    {
        foreach (var value in x)
        {
            if (!float.IsNaN(value)) continue;
            y[..x.Length].Fill(float.NaN);
            return true;
        }

        return false;
    }
}
