using System.Runtime.InteropServices;

namespace Microsoft.ML.Recurrent.Benchmarks;

/// <summary>OpenBLAS's own matrix product, where its library is on the machine.</summary>
internal static unsafe partial class OpenBlas
{
    private const string Library = "libopenblas.so.0";

    /// <summary>GFLOP/s of a square product, or null where the library is absent.</summary>
    public static double? Gemm(int n, int threads, Tensors.Tensor a, Tensors.Tensor b, Tensors.Tensor c)
    {
        if (!NativeLibrary.TryLoad(Library, out _))
            return null;
        openblas_set_num_threads(threads);
        float* pa = a.Pointer, pb = b.Pointer, pc = c.Pointer;
        const int rowMajor = 101, plain = 111;
        var time = Measurement.Of(() => cblas_sgemm(rowMajor, plain, plain, n, n, n, 1, pa, n, pb, n, 0, pc, n), 0.3, 5);
        return 2.0 * n * n * n / time.BestMilliseconds / 1e6;
    }

    [LibraryImport(Library)]
    private static partial void openblas_set_num_threads(int threads);

    [LibraryImport(Library)]
    private static partial void cblas_sgemm(
        int order, int transposeA, int transposeB, int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc);
}
