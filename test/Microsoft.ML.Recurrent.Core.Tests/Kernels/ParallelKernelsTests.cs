using Microsoft.ML.Recurrent.Kernels;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Kernels;

/// <summary>Parallel kernels give the same bits for any number of threads, and one thread computes many parts correctly.</summary>
[TestClass]
[DoNotParallelize]
public sealed unsafe class ParallelKernelsTests
{
    private const int Count = 200_003, Rows = 237, Columns = 5003;

    public static IEnumerable<object[]> Paths => KernelPaths.All;

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Give_the_same_bits_on_any_number_of_threads(string path)
    {
        var kernels = KernelPaths.Get(path);
        var former = Workers.Threads;
        try
        {
            float[]? expected = null;
            foreach (var threads in (int[])[1, 2, 3])
            {
                Workers.Threads = threads;
                CollectionAssert.AreEqual(expected ??= Results(kernels), Results(kernels), $"{threads} threads");
            }
        }
        finally
        {
            Workers.Threads = former;
        }
    }

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Parts_cover_everything(string path)
    {
        var kernels = KernelPaths.Get(path);
        float[] a = KernelPaths.Random(1, Count), w = KernelPaths.Random(2, Count), sums = new float[Columns], matrix = KernelPaths.Random(3, Rows * Columns);
        double[] updated = [.. w.Zip(a, (p, g) => p - (0.5 * g))];
        fixed (float* pa = a, pw = w, psums = sums, pmatrix = matrix)
        {
            Assert.AreEqual(a.Sum(v => (double)v * v), kernels.SumOfSquares(pa, Count), 0.02);
            kernels.Sgd(new SgdStep { LearningRate = 0.5f }, pw, pa, null, Count);
            kernels.AddColumnSums(pmatrix, Columns, psums, Rows, Columns);
        }
        KernelPaths.AssertClose(updated, w, 1e-6, 0, "sgd");
        double[] expected = [.. Enumerable.Range(0, Columns).Select(c => Enumerable.Range(0, Rows).Sum(r => (double)matrix[(r * Columns) + c]))];
        KernelPaths.AssertClose(expected, sums, 5e-5, 0, "column sums");
    }

    [TestMethod]
    public void A_class_outside_the_vocabulary_is_named()
    {
        float[] logits = new float[6], losses = new float[2];
        int[] targets = [0, 3];
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Entropy(CpuKernels.Current, logits, targets, losses, new float[6], 2, 3));
        StringAssert.Contains(error.Message, "row 1 is 3");
    }

    private static float[] Results(CpuKernels kernels)
    {
        float[] gradient = KernelPaths.Random(1, Count), adam = KernelPaths.Random(2, Count), sgd = KernelPaths.Random(3, Count);
        float[] first = new float[Count], second = new float[Count], velocity = new float[Count], sums = new float[Columns];
        float[] logits = KernelPaths.Random(4, Rows * Columns, 4), derivative = new float[logits.Length], losses = new float[Rows];
        double squares;
        fixed (float* g = gradient, a = adam, s = sgd, m = first, v = second, u = velocity, c = sums, l = logits)
        {
            squares = kernels.SumOfSquares(g, Count);
            kernels.Adam(new AdamStep { LearningRate = 0.1f, Step = 1 }, a, g, m, v, Count);
            kernels.Sgd(new SgdStep { LearningRate = 0.1f, Momentum = 0.9f, First = true }, s, g, u, Count);
            kernels.AddColumnSums(l, Columns, c, Rows, Columns);
        }
        Entropy(kernels, logits, [.. Enumerable.Range(0, Rows).Select(r => r * 21)], losses, derivative, Rows, Columns);
        return [(float)squares, (float)(squares - (float)squares), .. adam, .. sgd, .. sums, .. losses, .. derivative];
    }

    private static void Entropy(CpuKernels kernels, float[] logits, int[] targets, float[] losses, float[] derivative, int rows, int columns)
    {
        fixed (float* l = logits, d = derivative, o = losses)
        fixed (int* t = targets)
            kernels.SoftmaxCrossEntropy(l, t, null, 0, 1, o, d, rows, columns);
    }
}
