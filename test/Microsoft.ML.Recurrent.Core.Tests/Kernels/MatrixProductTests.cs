using Microsoft.ML.Recurrent.Kernels;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Kernels;

[TestClass]
public sealed unsafe class MatrixProductTests
{
    private static readonly (int Rows, int Columns, int Depth)[] s_sizes =
    [
        (1, 1, 1), (1, 5, 3), (3, 1, 7), (2, 16, 4), (5, 17, 9), (7, 31, 33), (12, 64, 16), (13, 65, 5), (20, 100, 40), (33, 48, 257), (64, 130, 300),
        (193, 33, 12),
        (250, 80, 513), (1, 300, 700), (6, 7, 0),
    ];

    public static IEnumerable<object[]> Paths => KernelPaths.All;

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Equals_the_double_precision_product(string path)
    {
        var kernels = KernelPaths.Get(path);
        foreach ((var rows, var columns, var depth) in s_sizes)
            foreach (var transposeA in (bool[])[false, true])
                foreach (var transposeB in (bool[])[false, true])
                    foreach (var accumulate in (bool[])[false, true])
                        Check(kernels, rows, columns, depth, transposeA, transposeB, accumulate);
    }

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Does_not_depend_on_the_number_of_threads(string path)
    {
        // Partitioned by rows, by few panels that divide evenly, by many panels, and with fewer rows than threads.
        foreach ((var rows, var columns, var depth) in ((int, int, int)[])[(301, 277, 129), (200, 256, 100), (40, 1100, 120), (3, 300, 5000)])
            CompareThreads(KernelPaths.Get(path), rows, columns, depth);
    }

    private static void CompareThreads(CpuKernels kernels, int rows, int columns, int depth)
    {
        float[] a = KernelPaths.Random(1, rows * depth), b = KernelPaths.Random(2, depth * columns);
        float[]? expected = null;
        var former = Workers.Threads;
        try
        {
            foreach (var threads in (int[])[1, 2, 3, 5])
            {
                Workers.Threads = threads;
                var c = new float[rows * columns];
                fixed (float* pa = a, pb = b, pc = c)
                    MatrixProduct.Multiply(false, false, rows, columns, depth, pa, depth, pb, columns, pc, columns, false, kernels);
                CollectionAssert.AreEqual(expected ??= c, c, $"{rows} x {columns} x {depth}, {threads} threads");
            }
        }
        finally
        {
            Workers.Threads = former;
        }
    }

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void A_packed_operand_serves_many_products(string path)
    {
        var kernels = KernelPaths.Get(path);
        const int columns = 75, depth = 50;
        var b = KernelPaths.Random(2, columns * depth);
        fixed (float* pb = b)
        {
            using var packed = PackedMatrix.Pack(kernels, true, depth, columns, pb, depth);
            foreach (var rows in (int[])[1, 9, 30])
            {
                float[] a = KernelPaths.Random(rows, rows * depth), fromPacked = new float[rows * columns], direct = new float[rows * columns];
                fixed (float* pa = a, p1 = fromPacked, p2 = direct)
                {
                    MatrixProduct.Multiply(false, rows, pa, depth, packed, p1, columns, false, kernels);
                    MatrixProduct.Multiply(false, true, rows, columns, depth, pa, depth, pb, depth, p2, columns, false, kernels);
                }
                CollectionAssert.AreEqual(direct, fromPacked);
            }
        }
    }

    private static void Check(CpuKernels kernels, int rows, int columns, int depth, bool transposeA, bool transposeB, bool accumulate)
    {
        // Leading dimensions larger than the rows, and a margin around C that must not be touched.
        int lda = (transposeA ? rows : depth) + 3, ldb = (transposeB ? depth : columns) + 2, ldc = columns + 5;
        float[] a = KernelPaths.Random(rows + depth, lda * (transposeA ? depth : rows)), b = KernelPaths.Random(columns, ldb * (transposeB ? columns : depth));
        float[] c = KernelPaths.Random(7, rows * ldc), before = (float[])c.Clone(), bias = KernelPaths.Random(8, columns);
        var biased = !accumulate && rows % 2 == 1;
        fixed (float* pa = a, pb = b, pc = c, pbias = bias)
            MatrixProduct.Multiply(transposeA, transposeB, rows, columns, depth, pa, lda, pb, ldb, pc, ldc, accumulate, kernels, biased ? pbias : null);
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < ldc; j++)
            {
                double expected = before[(i * ldc) + j];
                if (j < columns)
                {
                    expected = accumulate ? expected : biased ? bias[j] : 0;
                    for (var k = 0; k < depth; k++)
                        expected += (double)a[transposeA ? (k * lda) + i : (i * lda) + k] * b[transposeB ? (j * ldb) + k : (k * ldb) + j];
                }
                Assert.AreEqual(expected, c[(i * ldc) + j], 1e-6 * (1 + depth), $"{rows}x{columns}x{depth} {transposeA} {transposeB} {accumulate}: [{i}, {j}]");
            }
    }
}
