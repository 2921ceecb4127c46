using Microsoft.ML.Recurrent.Kernels;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Kernels;

/// <summary>The kernel paths that this machine can run; every kernel test runs on each of them.</summary>
internal static class KernelPaths
{
    public static IEnumerable<object[]> All => CpuKernels.Supported().Select(kernels => new object[] { kernels.Name });

    public static CpuKernels Get(string name) => CpuKernels.Supported().Single(kernels => kernels.Name == name);

    /// <summary>Uniform numbers in (-scale, scale), reproducible by seed.</summary>
    public static float[] Random(int seed, int count, float scale = 1)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (var i = 0; i < count; i++)
            values[i] = ((random.NextSingle() * 2) - 1) * scale;
        return values;
    }

    /// <summary>Fails unless |actual - expected| is at most absolute + relative * |expected| everywhere.</summary>
    public static void AssertClose(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double absolute, double relative, string what)
    {
        Assert.AreEqual(expected.Length, actual.Length, what);
        for (var i = 0; i < expected.Length; i++)
            if (!(Math.Abs(actual[i] - expected[i]) <= absolute + (relative * Math.Abs(expected[i]))))
                Assert.Fail($"{what}: element {i} is {actual[i]}, expected {expected[i]}.");
    }
}
