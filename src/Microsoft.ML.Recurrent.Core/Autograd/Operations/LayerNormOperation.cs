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

    private Tensor? _x, _gain, _bias, _means, _inverseDeviations;

    /// <summary>[..., n] to [..., n]; <paramref name="gain"/> and <paramref name="bias"/> are [n] or null.</summary>
    public static Tensor Apply(Tape tape, Tensor x, Tensor? gain, Tensor? bias, float epsilon = DefaultEpsilon)
    {
        var (rows, columns) = (x.Shape.Rows, x.Shape.Columns);
        if (gain is not null && gain.Length != columns) throw new ArgumentException($"A gain {gain.Shape} does not fit an input {x.Shape}.", nameof(gain));
        if (bias is not null && bias.Length != columns) throw new ArgumentException($"A bias {bias.Shape} does not fit an input {x.Shape}.", nameof(bias));
        var y = tape.Rent(x.Shape);
        var (means, inverseDeviations) = (Tensor.Rent(new Shape(rows)), Tensor.Rent(new Shape(rows)));
        CpuKernels.Current.LayerNorm(
            x.Pointer, gain is null ? null : gain.Pointer, bias is null ? null : bias.Pointer, epsilon, y.Pointer, means.Pointer, inverseDeviations.Pointer,
            rows, columns);
        if (tape.Record<LayerNormOperation>(y, x, gain, bias) is { } record)
            (record._x, record._gain, record._bias, record._means, record._inverseDeviations) = (x, gain, bias, means, inverseDeviations);
        else
        {
            means.Dispose();
            inverseDeviations.Dispose();
        }

        return y;
    }

    public override void Backward(Tape tape)
    {
        var x = _x!;
        var (dx, dgain, dbias) = (Tape.GradientOf(x), Tape.GradientOf(_gain), Tape.GradientOf(_bias));
        CpuKernels.Current.LayerNormBackward(
            x.Pointer, _gain is null ? null : _gain.Pointer, _means!.Pointer, _inverseDeviations!.Pointer, Output.Gradient!.Pointer,
            dx is null ? null : dx.Pointer, dgain is null ? null : dgain.Pointer, dbias is null ? null : dbias.Pointer, x.Shape.Rows, x.Shape.Columns);
    }

    public override void Release()
    {
        _means?.Dispose();
        _inverseDeviations?.Dispose();
        (_x, _gain, _bias, _means, _inverseDeviations) = (null, null, null, null, null);
        base.Release();
    }
}
