using System.Runtime.Intrinsics;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Kernels.Simd;

namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>
/// The kernels of one instruction set. All take raw float32 pointers and element counts, run on the calling thread (a few large ones in parallel) and touch
/// exactly the given elements. A source may be the destination but must not overlap it otherwise. <see cref="Current"/> is chosen at startup: the best path of
/// the CPU, or the one named by the environment variable MLRECURRENT_KERNELS (avx512, avx2, advsimd, portable).
/// </summary>
internal abstract unsafe partial class CpuKernels
{
    /// <summary>The environment variable that selects a path.</summary>
    public const string EnvironmentVariable = "MLRECURRENT_KERNELS";

    /// <summary>The kernels in use.</summary>
    public static CpuKernels Current { get; } = Choose(Environment.GetEnvironmentVariable(EnvironmentVariable));

    /// <summary>The name of the path.</summary>
    public abstract string Name { get; }

    /// <summary>Floats per vector.</summary>
    public abstract int VectorWidth { get; }

    /// <summary>The kernels of every path that this process can run, best first.</summary>
    public static IEnumerable<CpuKernels> Supported()
    {
        foreach (var name in (string[])["avx512", "avx2", "advsimd", "portable"])
            if (Create(name) is { } kernels)
                yield return kernels;
    }

    /// <summary>The kernels of the named path, or of the best one if the name is null or empty.</summary>
    /// <exception cref="NotSupportedException">The path is unknown, or this process cannot run it.</exception>
    internal static CpuKernels Choose(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
            return Create("avx512") ?? Create("avx2") ?? Create("advsimd") ?? Create("portable")!;
        var wanted = name.Trim().ToLowerInvariant();
        if (wanted is not ("avx512" or "avx2" or "advsimd" or "portable"))
            throw new NotSupportedException($"{EnvironmentVariable}={name} names no kernel path; use avx512, avx2, advsimd or portable, or leave it unset.");
        return Create(wanted) ?? throw new NotSupportedException(
            $"{EnvironmentVariable}={name}: this process cannot run these kernels. It can run: {string.Join(", ", Supported().Select(k => k.Name))}.");
    }

    private static CpuKernels? Create(string name) => name switch
    {
        "avx512" => Avx512Simd.IsSupported ? new SimdKernels<Avx512Simd, Vector512<float>>() : null,
        "avx2" => Avx2Simd.IsSupported ? new SimdKernels<Avx2Simd, Vector256<float>>() : null,
        "advsimd" => AdvSimdSimd.IsSupported ? new SimdKernels<AdvSimdSimd, Vector128<float>>() : null,
        _ => new SimdKernels<PortableSimd, System.Numerics.Vector<float>>(),
    };

    // ---- element-wise: destination[i] = ... for i in [0, count)

    public abstract void Fill(float value, float* destination, nint count);
    public abstract void Add(float* a, float* b, float* destination, nint count);
    public abstract void Subtract(float* a, float* b, float* destination, nint count);
    public abstract void Multiply(float* a, float* b, float* destination, nint count);

    /// <summary>destination = a * scale.</summary>
    public abstract void Scale(float* a, float scale, float* destination, nint count);

    /// <summary>destination += scale * a.</summary>
    public abstract void Axpy(float scale, float* a, float* destination, nint count);

    /// <summary>destination += a * b.</summary>
    public abstract void MultiplyAdd(float* a, float* b, float* destination, nint count);

    /// <summary>destination = weightA * a + weightB * b.</summary>
    public abstract void Blend(float weightA, float* a, float weightB, float* b, float* destination, nint count);

    /// <summary>destination = activation(x).</summary>
    public abstract void Activate(Activation activation, float alpha, float* x, float* destination, nint count);

    /// <summary>
    /// dx += dy * activation'(x), where y = activation(x). Tanh, sigmoid, ReLU, leaky ReLU and ELU read y only; GELU, SiLU and softplus x only.
    /// </summary>
    public abstract void ActivateBackward(Activation activation, float alpha, float* x, float* y, float* dy, float* dx, nint count);

    // ---- rows: matrices are row-major; a row has 'columns' elements, consecutive rows are 'columns' apart

    /// <summary>destination[r, c] = a[r, c] + row[c].</summary>
    public abstract void AddRow(float* a, float* row, float* destination, int rows, int columns);

    // ---- reductions: the order of additions depends on the count only

    public abstract float Sum(float* a, nint count);
    public abstract float Dot(float* a, float* b, nint count);
    public abstract float Max(float* a, nint count);

    // ---- softmax over each row

    /// <summary>y = softmax(x) row by row.</summary>
    public abstract void Softmax(float* x, float* y, int rows, int columns);

    /// <summary>dx += y * (dy - sum(dy * y)) row by row.</summary>
    public abstract void SoftmaxBackward(float* y, float* dy, float* dx, int rows, int columns);

    // ---- layer normalization over each row

    /// <summary>
    /// y = (x - mean) / sqrt(variance + epsilon) * gain + bias; gain and bias may be null. Saves mean and 1/deviation of each row for the backward pass.
    /// </summary>
    public abstract void LayerNorm(float* x, float* gain, float* bias, float epsilon, float* y, float* means, float* inverseDeviations, int rows, int columns);

    /// <summary>Adds the gradients of <see cref="LayerNorm"/> to dx, dgain and dbias, each of which may be null.</summary>
    public abstract void LayerNormBackward(
        float* x, float* gain, float* means, float* inverseDeviations, float* dy, float* dx, float* dgain, float* dbias, int rows, int columns);

    // ---- products

    /// <summary>The maximum number of accumulator vectors of a register tile.</summary>
    internal abstract int Accumulators { get; }

    /// <summary>Computes the rows of one column panel of a product, tile by tile.</summary>
    internal abstract void Panel(in MatrixTile tile, int rows, int columns);

    /// <summary>The fused steps of a recurrent cell.</summary>
    internal abstract RecurrentSteps Steps(CellDescriptor cell, Activation activation, bool resetBefore);
}
