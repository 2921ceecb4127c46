using Microsoft.ML.Recurrent.Kernels;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Kernels;

[TestClass]
public sealed unsafe class SoftmaxTests
{
    private const int Rows = 6;

    public static IEnumerable<object[]> Cases =>
        from path in CpuKernels.Supported() from columns in (int[])[1, 2, 10, 16, 37, 1000] select new object[] { path.Name, columns };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Softmax_and_its_gradient(string path, int columns)
    {
        var kernels = KernelPaths.Get(path);
        float[] x = KernelPaths.Random(1, Rows * columns, 30), y = new float[x.Length];
        float[] dy = KernelPaths.Random(2, x.Length), dx = KernelPaths.Random(3, x.Length), before = (float[])dx.Clone();
        fixed (float* px = x, py = y, pdy = dy, pdx = dx)
        {
            kernels.Softmax(px, py, Rows, columns);
            kernels.SoftmaxBackward(py, pdy, pdx, Rows, columns);
        }
        var p = Exact(x, columns);
        KernelPaths.AssertClose(p, y, 1e-7, 1e-5, "softmax");
        var expected = new double[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            var start = i / columns * columns;
            double mean = 0;
            for (var c = start; c < start + columns; c++)
                mean += p[c] * dy[c];
            expected[i] = before[i] + (p[i] * (dy[i] - mean));
        }
        KernelPaths.AssertClose(expected, dx, 2e-6, 1e-5, "softmax gradient");
    }

    /// <summary>Logits far beyond those whose exponentials overflow (89): within 1e-6 of double.</summary>
    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Large_logits_are_as_exact_as_small_ones(string path, int columns)
    {
        var kernels = KernelPaths.Get(path);
        foreach (var size in (float[])[1, 88, 89, 1000, 10_000])
        {
            // Logits some units apart at that height, and logits apart by as much.
            foreach (var spread in (float[])[3, size])
            {
                var x = KernelPaths.Random(4, Rows * columns, spread);
                for (var i = 0; i < x.Length; i++) x[i] += size;
                float[] y = new float[x.Length], losses = new float[Rows];
                int[] targets = [0, columns - 1, columns / 2, 0, 0, columns / 3];
                fixed (float* px = x, py = y, ps = losses)
                fixed (int* pt = targets)
                {
                    kernels.Softmax(px, py, Rows, columns);
                    kernels.SoftmaxCrossEntropy(px, pt, null, 0, 1, ps, null, Rows, columns);
                }
                KernelPaths.AssertClose(Exact(x, columns), y, 1e-6, 0, $"softmax at {size}, {spread} apart");
                var exact = ExactLog(x, columns);
                KernelPaths.AssertClose([.. targets.Select((target, row) => -exact[row * columns + target])], losses, 1e-6, 1e-6,
                    $"cross-entropy at {size}, {spread} apart");
            }
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(37)]
    public void A_row_is_what_the_kernel_says_and_NaN_stays(int columns)
    {
        var x = KernelPaths.Random(5, columns, 9000);
        var y = (float[])x.Clone();
        RowSoftmax.Apply(y, y);
        KernelPaths.AssertClose(Exact(x, columns), y, 1e-6, 0, "soft-max");
        RowSoftmax.ApplyLog(x, y);
        KernelPaths.AssertClose(ExactLog(x, columns), y, 1e-6, 1e-6, "log soft-max");
        x[^1] = float.NaN;
        RowSoftmax.Apply(x, y);
        Assert.IsTrue(y.All(float.IsNaN));
        RowSoftmax.ApplyLog(x, y);
        Assert.IsTrue(y.All(float.IsNaN));
    }

    private static double[] ExactLog(float[] x, int columns)
    {
        var y = new double[x.Length];
        for (var start = 0; start < x.Length; start += columns)
        {
            var row = x[start..(start + columns)];
            double greatest = row.Max(), log = Math.Log(row.Sum(value => Math.Exp(value - greatest)));
            for (var i = 0; i < columns; i++) y[start + i] = row[i] - greatest - log;
        }
        return y;
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Cross_entropy_and_its_gradient(string path, int columns)
    {
        var kernels = KernelPaths.Get(path);
        float[] x = KernelPaths.Random(1, Rows * columns, 5), weights = [1, 0.5f, 2, 1, 0, 3];
        int[] targets = [0, columns - 1, columns / 2, -1, 0, columns / 3];
        foreach (var smoothing in (float[])[0, 0.1f])
            foreach (var weighted in (bool[])[false, true])
            {
                float[] losses = new float[Rows], gradient = new float[x.Length], only = new float[Rows];
                fixed (float* px = x, pw = weights, pl = losses, pg = gradient, po = only)
                fixed (int* pt = targets)
                {
                    kernels.SoftmaxCrossEntropy(px, pt, weighted ? pw : null, smoothing, 0.25f, pl, pg, Rows, columns);
                    kernels.SoftmaxCrossEntropy(px, pt, weighted ? pw : null, smoothing, 0.25f, po, null, Rows, columns);
                }
                double[] p = Exact(x, columns), expectedLoss = new double[Rows], expected = new double[x.Length];
                for (var i = 0; i < x.Length; i++)
                {
                    var row = i / columns;
                    double weight = targets[row] < 0 ? 0 : weighted ? weights[row] : 1;
                    double target = (smoothing / columns) + (i % columns == targets[row] ? 1 - smoothing : 0);
                    expectedLoss[row] -= weight * target * Math.Log(p[i]);
                    expected[i] = 0.25 * weight * (p[i] - target);
                }
                KernelPaths.AssertClose(expectedLoss, losses, 1e-5, 1e-5, "losses");
                KernelPaths.AssertClose(expectedLoss, only, 1e-5, 1e-5, "losses without gradient");
                KernelPaths.AssertClose(expected, gradient, 1e-6, 1e-5, "gradient");
            }
    }

    private static double[] Exact(float[] x, int columns)
    {
        var p = new double[x.Length];
        for (var start = 0; start < x.Length; start += columns)
        {
            double largest = x.Skip(start).Take(columns).Max(), sum = 0;
            for (var c = start; c < start + columns; c++)
                sum += p[c] = Math.Exp(x[c] - largest);
            for (var c = start; c < start + columns; c++)
                p[c] /= sum;
        }
        return p;
    }
}
