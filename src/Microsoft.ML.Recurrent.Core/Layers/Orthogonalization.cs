using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Tensors;

namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// Gram-Schmidt orthogonalization by blocks of rows. A block is projected off the rows before it by two matrix products, then its own rows are orthonormalized
/// in double precision. Both are done twice, which makes the rows orthogonal to rounding ("twice is enough", Giraud et al. 2005). The order of summation is the
/// same on every kernel path, so the bits depend on the matrix only.
/// </summary>
internal static unsafe class Orthogonalization
{
    // A multiple of the panel width of every path; the layers use the same compiled products.
    private const int BlockRows = 64;

    // Sums use sixteen lanes, whatever the vector width of the machine.
    private const int Lanes = 16;

    /// <summary>Orthonormalizes the rows of a matrix [rows, columns] of full rank, in order.</summary>
    /// <param name="matrix">Row-major; overwritten.</param>
    /// <param name="rows">At most the number of columns.</param>
    /// <param name="columns">The length of a row.</param>
    /// <param name="kernels">The kernel path; null for the current one.</param>
    public static void Orthonormalize(float* matrix, int rows, int columns, CpuKernels? kernels = null)
    {
        kernels ??= CpuKernels.Current;
        var stride = (columns + Lanes - 1) / Lanes * Lanes;
        long blockBytes = (long)BlockRows * stride * sizeof(double), sharesLength = (long)BlockRows * rows;
        var block = (double*)BufferPool.Shared.Rent(blockBytes);
        var shares = BufferPool.Shared.RentFloats(sharesLength);
        new Span<byte>(block, checked((int)blockBytes)).Clear();
        for (var first = 0; first < rows; first += BlockRows)
        {
            var count = Math.Min(BlockRows, rows - first);
            var own = matrix + ((nint)first * columns);
            for (var pass = 0; pass < 2; pass++)
            {
                if (first > 0)
                    Project(kernels, matrix, first, own, count, columns, shares);
                Widen(own, block, count, columns, stride);
                OrthonormalizeBlock(block, count, stride);
                Narrow(block, own, count, columns, stride);
            }
        }
        BufferPool.Shared.ReturnFloats(shares, sharesLength);
        BufferPool.Shared.Return(block, blockBytes);
    }

    // own -= own basis^T basis. The coefficients are computed as [basis rows, own rows], so that the long operand of the first product is read in place.
    private static void Project(CpuKernels kernels, float* basis, int basisRows, float* own, int count, int columns, float* shares)
    {
        MatrixProduct.Multiply(false, true, basisRows, count, columns, basis, columns, own, columns, shares, count, false, kernels);
        kernels.Scale(shares, -1, shares, (nint)basisRows * count);
        MatrixProduct.Multiply(true, false, count, columns, basisRows, shares, count, basis, columns, own, columns, true, kernels);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OrthonormalizeBlock(double* block, int rows, int stride)
    {
        for (var i = 0; i < rows; i++)
        {
            var row = block + ((nint)i * stride);
            for (var j = 0; j < i; j++)
            {
                var other = block + ((nint)j * stride);
                var share = Vector256.Create(-Dot(row, other, stride));
                for (var k = 0; k < stride; k += 4)
                    (Vector256.Load(row + k) + (share * Vector256.Load(other + k))).Store(row + k);
            }
            var scale = Vector256.Create(1 / Math.Sqrt(Dot(row, row, stride)));
            for (var k = 0; k < stride; k += 4)
                (Vector256.Load(row + k) * scale).Store(row + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Dot(double* a, double* b, int length)
    {
        Vector256<double> first = default, second = default, third = default, fourth = default;
        for (var k = 0; k < length; k += Lanes)
        {
            first += Vector256.Load(a + k) * Vector256.Load(b + k);
            second += Vector256.Load(a + k + 4) * Vector256.Load(b + k + 4);
            third += Vector256.Load(a + k + 8) * Vector256.Load(b + k + 8);
            fourth += Vector256.Load(a + k + 12) * Vector256.Load(b + k + 12);
        }
        var sum = first + second + (third + fourth);
        return sum[0] + sum[1] + (sum[2] + sum[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(float* from, double* to, int rows, int columns, int stride)
    {
        for (var r = 0; r < rows; r++, from += columns, to += stride)
            for (var k = 0; k < columns; k++)
                to[k] = from[k];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow(double* from, float* to, int rows, int columns, int stride)
    {
        for (var r = 0; r < rows; r++, from += stride, to += columns)
            for (var k = 0; k < columns; k++)
                to[k] = (float)from[k];
    }
}
