using Microsoft.ML.Recurrent.Kernels;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Kernels;

/// <summary>Checks the documented errors of the elementary functions, in units in the last place of the exact result.</summary>
[TestClass]
public sealed unsafe class VectorMathTests
{
    public static IEnumerable<object[]> Paths => KernelPaths.All;

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Exp_is_exact_to_two_ulp(string path)
    {
        var functions = VectorFunctions.Get(path);
        Check(functions.Exp, Grid(-87.3f, 88.7f), Math.Exp, 2, "exp");
        var edges = Apply(functions.Exp, [0, -0f, 100, -200, float.PositiveInfinity, float.NegativeInfinity, float.NaN]);
        CollectionAssert.AreEqual(new[] { 1, 1, float.PositiveInfinity, 0, float.PositiveInfinity, 0, float.NaN }, edges);
    }

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Log_is_exact_to_three_ulp(string path)
    {
        var functions = VectorFunctions.Get(path);
        Check(functions.Log, [.. Grid(-30, 30).Select(MathF.Exp), .. Grid(0.5f, 2), 1e-40f, float.MaxValue, 1.17549435e-38f], x => Math.Log(x), 3, "log");
        var edges = Apply(functions.Log, [1, 0, -1, float.PositiveInfinity, float.NaN]);
        CollectionAssert.AreEqual(new[] { 0, float.NegativeInfinity, float.NaN, float.PositiveInfinity, float.NaN }, edges);
    }

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Tanh_is_exact_to_six_ulp(string path)
    {
        var kernels = KernelPaths.Get(path);
        void Tanh(float* x, float* y, nint n) => kernels.Activate(Activation.Tanh, 0, x, y, n);
        Check(Tanh, [.. Grid(-12, 12), .. Grid(-1e-3f, 1e-3f)], Math.Tanh, 6, "tanh");
        CollectionAssert.AreEqual(new[] { 0, 1, -1, float.NaN }, Apply(Tanh, [0, 1e30f, float.NegativeInfinity, float.NaN]));
    }

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Sigmoid_is_exact_to_four_ulp(string path)
    {
        var kernels = KernelPaths.Get(path);
        void Sigmoid(float* x, float* y, nint n) => kernels.Activate(Activation.Sigmoid, 0, x, y, n);
        Check(Sigmoid, Grid(-86, 60), x => 1 / (1 + Math.Exp(-x)), 4, "sigmoid");
        var edges = Apply(Sigmoid, [0, float.PositiveInfinity, float.NegativeInfinity, float.NaN]);
        Assert.AreEqual(0.5f, edges[0]);
        Assert.AreEqual(1f, edges[1]);
        Assert.IsTrue(edges[2] is >= 0 and < 1e-37f && float.IsNaN(edges[3]));
    }

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Erf_is_exact_to_six_ulp(string path)
    {
        var functions = VectorFunctions.Get(path);
        Check(functions.Erf, [.. Grid(-6, 6), .. Grid(-1e-3f, 1e-3f)], Erf, 6, "erf");
    }

    [TestMethod]
    [DynamicData(nameof(Paths))]
    public void Activations_and_derivatives_follow_their_formulas(string path)
    {
        var kernels = KernelPaths.Get(path);
        var x = Grid(-6, 6)[..2003];
        new Random(1).Shuffle(x);
        foreach (var activation in Enum.GetValues<Activation>())
        {
            const float alpha = 0.3f;
            Func<double, double> exact = activation switch
            {
                Activation.Tanh => Math.Tanh,
                Activation.Sigmoid => v => 1 / (1 + Math.Exp(-v)),
                Activation.Relu => v => Math.Max(v, 0),
                Activation.LeakyRelu => v => v > 0 ? v : (double)alpha * v,
                Activation.Elu => v => v > 0 ? v : alpha * (Math.Exp(v) - 1),
                Activation.Gelu => v => 0.5 * v * (1 + Erf(v / Math.Sqrt(2))),
                Activation.Silu => v => v / (1 + Math.Exp(-v)),
                _ => v => Math.Log(1 + Math.Exp(v)),
            };
            float[] y = new float[x.Length], dy = KernelPaths.Random(3, x.Length), dx = KernelPaths.Random(4, x.Length), before = (float[])dx.Clone();
            fixed (float* px = x, py = y, pdy = dy, pdx = dx)
            {
                kernels.Activate(activation, alpha, px, py, x.Length);
                kernels.ActivateBackward(activation, alpha, px, py, pdy, pdx, x.Length);
            }
            KernelPaths.AssertClose([.. x.Select(v => exact(v))], y, 5e-7, 2e-6, activation.ToString());
            double Slope(double v) => (exact(v + 1e-5) - exact(v - 1e-5)) / 2e-5;
            KernelPaths.AssertClose([.. x.Select((v, i) => before[i] + (dy[i] * Slope(v)))], dx, 2e-6, 2e-6, activation + "'");
        }
    }

    private delegate void Function(float* x, float* y, nint count);

    private static float[] Apply(Function function, float[] x)
    {
        var y = new float[x.Length];
        fixed (float* px = x, py = y)
            function(px, py, x.Length);
        return y;
    }

    private static void Check(Function function, float[] x, Func<double, double> exact, double tolerance, string what)
    {
        var y = Apply(function, x);
        double worst = 0, at = 0;
        for (var i = 0; i < x.Length; i++)
        {
            var expected = exact(x[i]);
            var ulp = Math.Max((double)MathF.BitIncrement(Math.Abs((float)expected)) - Math.Abs((float)expected), float.Epsilon);
            var error = Math.Abs(y[i] - expected) / ulp;
            if (!(error <= worst))
                (worst, at) = (error, x[i]);
        }
        Assert.IsTrue(worst <= tolerance, $"{what}({at}) is {worst:F2} ulp off");
    }

    private static float[] Grid(float from, float to)
    {
        var values = new float[200_003];
        for (var i = 0; i < values.Length; i++)
            values[i] = from + ((to - from) * (float)((i + 0.37) / values.Length));
        return values;
    }

    // The series for small arguments, the continued fraction of the complement for large ones.
    private static double Erf(double x)
    {
        double a = Math.Abs(x), result;
        if (a < 2.5)
        {
            double term = a, sum = a;
            for (var n = 1; n < 80; n++)
            {
                term *= -a * a / n;
                sum += term / ((2 * n) + 1);
            }
            result = 2 / Math.Sqrt(Math.PI) * sum;
        }
        else
        {
            double fraction = 0;
            for (var n = 120; n > 0; n--)
                fraction = n / 2.0 / (a + fraction);
            result = 1 - (Math.Exp(-a * a) / Math.Sqrt(Math.PI) / (a + fraction));
        }
        return x < 0 ? -result : result;
    }
}
