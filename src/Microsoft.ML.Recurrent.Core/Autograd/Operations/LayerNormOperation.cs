using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Autograd.Operations;

/// <summary>
/// Layer normalization over the last axis (Ba et al. 2016): (x - mean) / sqrt(variance + epsilon) * gain + bias, with the mean and biased variance of each row.
/// </summary>
internal sealed unsafe class LayerNormOperation : Operation
{
    /// <summary>PyTorch's default.</summary>
    public const float DefaultEpsilon = 1e-5f;

    /// <summary>[..., n] to [..., n]; <paramref name="gain"/> and <paramref name="bias"/> are [n] or null.</summary>
    public static Tensor Apply(Tape tape, Tensor x, Tensor? gain, Tensor? bias, float epsilon = DefaultEpsilon)
    {
        var (rows, columns) = (x.Shape.Rows, x.Shape.Columns);
        if (gain is not null && gain.Length != columns) throw new ArgumentException($"A gain {gain.Shape} does not fit an input {x.Shape}.", nameof(gain));
        if (bias is not null && bias.Length != columns) throw new ArgumentException($"A bias {bias.Shape} does not fit an input {x.Shape}.", nameof(bias));
        var y = tape.Rent(x.Shape);
        var figures = Tensor.Rent(new Shape(2, rows));
        CpuKernels.Current.LayerNorm(
            x.Pointer, PointerOf(gain), PointerOf(bias), epsilon, y.Pointer, figures.Pointer, figures.Pointer + rows, rows, columns);
        if (tape.Record<LayerNormOperation>(y, x, gain, bias) is { } record) record._kept = figures;
        else figures.Dispose();

        return y;
    }

    public override void Backward(Tape tape)
    {
        var (x, gain, bias, _) = Operands;
        var rows = x!.Shape.Rows;
        CpuKernels.Current.LayerNormBackward(
            x.Pointer, PointerOf(gain), _kept!.Pointer, _kept.Pointer + rows, Output.Gradient!.Pointer, Added(x), Added(gain), Added(bias), rows,
            x.Shape.Columns);
    }
}
