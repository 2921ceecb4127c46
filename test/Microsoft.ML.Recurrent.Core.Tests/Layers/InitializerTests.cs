using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Layers;

[TestClass]
public class InitializerTests
{
    [TestMethod]
    [DataRow(6, 6)]
    [DataRow(4, 9)]
    [DataRow(9, 4)]
    [DataRow(200, 200)]
    [DataRow(64, 150)]
    [DataRow(131, 70)]
    public void Orthogonal_means_orthonormal_rows_or_columns(int rows, int columns)
    {
        var w = new float[rows * columns];
        Initializer.Orthogonal(w, rows, columns, new RandomStream(3));
        var (count, length) = (Math.Min(rows, columns), Math.Max(rows, columns));
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
            {
                var dot = Enumerable.Range(0, length)
                    .Sum(k => rows <= columns ? w[i * columns + k] * w[j * columns + k] : w[k * columns + i] * w[k * columns + j]);
                Assert.AreEqual(i == j ? 1 : 0, dot, 1e-6);
            }
        }
    }

    [TestMethod]
    public unsafe void An_orthogonal_matrix_has_the_same_bits_on_every_path_and_for_any_threads()
    {
        const int rows = 150, columns = 203;
        float[]? expected = null;
        foreach (var kernels in CpuKernels.Supported())
        {
            for (var threads = 1; threads <= 2; threads++)
            {
                using var limit = Workers.Limit(threads);
                var w = new float[rows * columns];
                new RandomStream(5).FillGaussian(w);
                fixed (float* matrix = w) Orthogonalization.Orthonormalize(matrix, rows, columns, kernels);
                expected ??= w;
                CollectionAssert.AreEqual(expected, w, $"{kernels.Name}, {threads} threads");
            }
        }
    }

    [TestMethod]
    public unsafe void Nearly_dependent_rows_become_orthogonal_too()
    {
        const int size = 100;
        var w = new float[size * size];
        new RandomStream(5).FillGaussian(w);

        // All rows but the first are within a thousandth of it.
        for (var i = 1; i < size; i++)
        {
            for (var j = 0; j < size; j++) w[i * size + j] = w[j] + 1e-3f * w[i * size + j];
        }

        fixed (float* matrix = w) Orthogonalization.Orthonormalize(matrix, size, size);
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++) Assert.AreEqual(i == j ? 1 : 0, Enumerable.Range(0, size).Sum(k => (double)w[i * size + k] * w[j * size + k]), 1e-6);
        }
    }

    [TestMethod]
    public void Glorot_stays_within_its_bound_and_fills_it()
    {
        var w = new float[20_000];
        Initializer.GlorotUniform(w, 100, 200, new RandomStream(3));
        var bound = Math.Sqrt(6.0 / 300);
        Assert.IsTrue(w.All(v => Math.Abs(v) <= bound));
        Assert.AreEqual(bound, w.Max(), 0.001);
        Assert.AreEqual(bound / Math.Sqrt(3), Math.Sqrt(w.Average(v => v * v)), 0.002);
    }

    [TestMethod]
    public void An_Lstm_starts_by_remembering()
    {
        var layer = new RecurrentLayer(new RecurrentDescription("lstm_1", RecurrentCell.Lstm, 3) { Bidirectional = true }, new LayerShape(Sequence: true, 2));
        layer.Initialize(1);
        foreach (var parameter in layer.Parameters)
        {
            var values = parameter.Value.Span.ToArray();
            if (parameter.Name.Contains("bias_hh", StringComparison.Ordinal)) Assert.IsTrue(values.All(v => v == 0));
            else if (parameter.Name.Contains("bias_ih", StringComparison.Ordinal))
                CollectionAssert.AreEqual(new float[] { 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0 }, values);
            else Assert.IsTrue(values.All(v => v != 0));
        }
    }

    [TestMethod]
    public void The_seed_alone_decides_and_each_parameter_has_a_stream_of_its_own()
    {
        var (a, b, c) = (Weights(5, 4), Weights(5, 4), Weights(6, 4));
        CollectionAssert.AreEqual(a, b);
        CollectionAssert.AreNotEqual(a, c);

        // A wider dense layer before it does not change the recurrent weights of the following layer.
        CollectionAssert.AreEqual(a, Weights(5, 7));

        static float[] Weights(ulong seed, int units)
        {
            using var network = new Network(new NetworkDescription
            {
                Features = 3, Outputs = 1,
                Layers = [.. SequenceNetwork.Create().Dense(units).Gru(5, name: "gru").Layers()],
            }, seed);
            return network["gru.weight_hh"].Value.Span.ToArray();
        }
    }
}
