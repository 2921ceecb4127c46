using Microsoft.ML.Recurrent.Kernels;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Kernels;

/// <summary>Layer normalization and the optimizers' updates against double precision.</summary>
[TestClass]
public sealed unsafe class UpdateTests
{
    public static IEnumerable<object[]> Paths => KernelPaths.All;

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Layer_norm_and_its_gradient(string path)
    {
        var kernels = KernelPaths.Get(path);
        foreach (var columns in (int[])[2, 7, 16, 50, 200])
        {
            const int rows = 5;
            const float epsilon = 1e-5f;
            float[] x = KernelPaths.Random(1, rows * columns, 3), gain = KernelPaths.Random(2, columns), bias = KernelPaths.Random(3, columns),
                y = new float[x.Length];
            float[] means = new float[rows], inverse = new float[rows], dy = KernelPaths.Random(4, x.Length);
            float[] dx = new float[x.Length], dgain = new float[columns], dbias = new float[columns];
            fixed (float* px = x, pg = gain, pb = bias, py = y, pm = means, pi = inverse, pdy = dy, pdx = dx, pdg = dgain, pdb = dbias)
            {
                kernels.LayerNorm(px, pg, pb, epsilon, py, pm, pi, rows, columns);
                kernels.LayerNormBackward(px, pg, pm, pi, pdy, pdx, pdg, pdb, rows, columns);
            }
            double[] expected = new double[x.Length], expectedDx = new double[x.Length], expectedGain = new double[columns];
            for (var r = 0; r < rows; r++)
            {
                double[] row = [.. x.Skip(r * columns).Take(columns)];
                double mean = row.Average(), scale = 1 / Math.Sqrt(row.Average(v => (v - mean) * (v - mean)) + epsilon);
                double[] normal = [.. row.Select(v => (v - mean) * scale)],
                    d = [.. Enumerable.Range(0, columns).Select(c => (double)dy[(r * columns) + c] * gain[c])];
                double meanD = d.Average(), meanProduct = d.Zip(normal, (a, b) => a * b).Average();
                for (var c = 0; c < columns; c++)
                {
                    expected[(r * columns) + c] = (normal[c] * gain[c]) + bias[c];
                    expectedDx[(r * columns) + c] = scale * (d[c] - meanD - (normal[c] * meanProduct));
                    expectedGain[c] += dy[(r * columns) + c] * normal[c];
                }
            }
            KernelPaths.AssertClose(expected, y, 1e-5, 1e-5, "y");
            KernelPaths.AssertClose(expectedDx, dx, 1e-5, 1e-4, "dx");
            KernelPaths.AssertClose(expectedGain, dgain, 1e-5, 1e-5, "dgain");
            KernelPaths.AssertClose([.. Enumerable.Range(0, columns).Select(c => Enumerable.Range(0, rows).Sum(r => (double)dy[(r * columns) + c]))], dbias,
                1e-5, 1e-5, "dbias");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Adam_follows_its_formula(string path)
    {
        var kernels = KernelPaths.Get(path);
        const int n = 53;
        foreach (var decoupled in (bool[])[false, true])
        {
            float[] w = KernelPaths.Random(1, n), m = new float[n], v = new float[n];
            double[] we = [.. w], me = new double[n], ve = new double[n];
            for (var t = 1; t <= 5; t++)
            {
                var g = KernelPaths.Random(10 + t, n);
                var step = new AdamStep { LearningRate = 0.01f, WeightDecay = 0.1f, Decoupled = decoupled, Step = t, GradientScale = 0.5f };
                fixed (float* pw = w, pg = g, pm = m, pv = v)
                    kernels.Adam(step, pw, pg, pm, pv, n);
                for (var i = 0; i < n; i++)
                {
                    var d = (0.5 * g[i]) + (decoupled ? 0 : 0.1 * we[i]);
                    we[i] *= decoupled ? 1 - (0.01 * 0.1) : 1;
                    me[i] = (0.9 * me[i]) + (0.1 * d);
                    ve[i] = (0.999 * ve[i]) + (0.001 * d * d);
                    we[i] -= 0.01 * (me[i] / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(ve[i] / (1 - Math.Pow(0.999, t))) + 1e-8);
                }
            }
            KernelPaths.AssertClose(we, w, 2e-6, 1e-5, $"Adam, decoupled {decoupled}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Gradient_descent_follows_its_formula(string path)
    {
        var kernels = KernelPaths.Get(path);
        const int n = 37;
        foreach ((var momentum, var dampening, var nesterov) in ((float, float, bool)[])[(0, 0, false), (0.9f, 0, false), (0.9f, 0.2f, false),
            (0.9f, 0, true)])
        {
            float[] w = KernelPaths.Random(1, n), velocity = KernelPaths.Random(2, n);
            double[] we = [.. w], ve = new double[n];
            for (var t = 0; t < 4; t++)
            {
                var g = KernelPaths.Random(10 + t, n);
                var step = new SgdStep
                {
                    LearningRate = 0.1f, Momentum = momentum, Dampening = dampening, Nesterov = nesterov, WeightDecay = 0.01f, First = t == 0,
                    GradientScale = 2,
                };
                fixed (float* pw = w, pg = g, pv = velocity)
                    kernels.Sgd(step, pw, pg, momentum == 0 ? null : pv, n);
                for (var i = 0; i < n; i++)
                {
                    var d = (2.0 * g[i]) + (0.01 * we[i]);
                    ve[i] = t == 0 ? d : (momentum * ve[i]) + ((1 - dampening) * d);
                    we[i] -= 0.1 * (momentum == 0 ? d : nesterov ? d + (momentum * ve[i]) : ve[i]);
                }
            }
            KernelPaths.AssertClose(we, w, 1e-6, 1e-5, $"momentum {momentum}");
        }
    }
}
