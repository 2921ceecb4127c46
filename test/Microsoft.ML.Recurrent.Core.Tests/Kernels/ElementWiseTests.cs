using Microsoft.ML.Recurrent.Kernels;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Kernels;

[TestClass]
public sealed unsafe class ElementWiseTests
{
    private static readonly int[] s_lengths = [0, 1, 3, 7, 8, 15, 16, 17, 31, 64, 65, 129, 1000];

    public static IEnumerable<object[]> Paths => KernelPaths.All;

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Binary_kernels_touch_exactly_their_elements(string path)
    {
        var k = KernelPaths.Get(path);
        foreach (var n in s_lengths)
        {
            Check(n, k.Add, (a, b, d) => a + b);
            Check(n, k.Subtract, (a, b, d) => a - b);
            Check(n, k.Multiply, (a, b, d) => a * b);
            Check(n, k.MultiplyAdd, (a, b, d) => d + ((double)a * b));
            Check(n, (a, b, d, c) => k.Axpy(0.25f, a, d, c), (a, b, d) => d + (0.25 * a));
            Check(n, (a, b, d, c) => k.Blend(0.25f, a, -2, b, d, c), (a, b, d) => (0.25 * a) - (2.0 * b));
            Check(n, (a, b, d, c) => k.Scale(a, 3, d, c), (a, b, d) => 3.0 * a);
            Check(n, (a, b, d, c) => k.Fill(5, d, c), (a, b, d) => 5);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Reductions_agree_with_double_precision(string path)
    {
        var kernels = KernelPaths.Get(path);
        foreach (var n in (int[])[1, 5, 16, 33, 64, 200, 20_011])
        {
            float[] a = KernelPaths.Random(n, n), b = KernelPaths.Random(n + 1, n);
            fixed (float* pa = a, pb = b)
            {
                Assert.AreEqual(a.Sum(v => (double)v), kernels.Sum(pa, n), 1e-6 * n, $"sum of {n}");
                Assert.AreEqual(a.Zip(b, (u, v) => (double)u * v).Sum(), kernels.Dot(pa, pb, n), 1e-6 * n, $"dot of {n}");
                Assert.AreEqual(a.Sum(v => (double)v * v), kernels.SumOfSquares(pa, n), 1e-7 * n, $"squares of {n}");
                Assert.AreEqual(a.Max(), kernels.Max(pa, n), $"max of {n}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Rows_are_added_and_summed(string path)
    {
        var kernels = KernelPaths.Get(path);
        foreach (var columns in (int[])[1, 5, 16, 70, 133])
        {
            const int rows = 9;
            var stride = columns + 3;
            float[] a = KernelPaths.Random(1, rows * stride), row = KernelPaths.Random(2, columns), sums = KernelPaths.Random(3, columns),
                sum = new float[rows * columns];
            double[] expected = [.. sums.Select((s, c) => s + Enumerable.Range(0, rows).Sum(r => (double)a[(r * stride) + c]))];
            fixed (float* pa = a, prow = row, psums = sums, psum = sum)
            {
                kernels.AddColumnSums(pa, stride, psums, rows, columns);
                kernels.AddRow(pa, prow, psum, rows, columns);
            }
            KernelPaths.AssertClose(expected, sums, 1e-5, 0, "column sums");
            KernelPaths.AssertClose([.. Enumerable.Range(0, rows * columns).Select(i => (double)a[i] + row[i % columns])], sum, 1e-6, 0, "add row");
        }
    }

    [TestMethod]
    public void An_unknown_path_is_refused_with_the_choices()
    {
        var error = Assert.ThrowsExactly<NotSupportedException>(() => CpuKernels.Choose("sse9"));
        StringAssert.Contains(error.Message, "portable");
        Assert.AreEqual("portable", CpuKernels.Choose(" Portable ").Name);
        var missing = System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported ? "avx2" : "advsimd";
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => CpuKernels.Choose(missing)).Message, "cannot run");
    }

    private delegate void Kernel(float* a, float* b, float* destination, nint count);

    private static void Check(int n, Kernel kernel, Func<float, float, float, double> exact)
    {
        // One extra element on each side, which must not change.
        float[] a = KernelPaths.Random(n, n + 2), b = [.. KernelPaths.Random(n + 1, n + 2).Select(v => 1.5f + v)], d = KernelPaths.Random(n + 2, n + 2);
        double[] expected = [.. Enumerable.Range(0, n + 2).Select(i => i == 0 || i == n + 1 ? d[i] : exact(a[i], b[i], d[i]))];
        fixed (float* pa = a, pb = b, pd = d)
            kernel(pa + 1, pb + 1, pd + 1, n);
        KernelPaths.AssertClose(expected, d, 1e-6, 1e-6, $"{n} elements");
    }
}
