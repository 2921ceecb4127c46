using Microsoft.ML.Recurrent.Autograd;
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
    public void OrthogonalMeansOrthonormalRowsOrColumns(int rows, int columns)
    {
        var w = new float[rows * columns];
        Initializer.Orthogonal(w, rows, columns, new RandomStream(3));
        var (count, length) = (Math.Min(rows, columns), Math.Max(rows, columns));
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
            {
                var dot = Enumerable.Range(0, length).Sum(k => rows <= columns ? w[i * columns + k] * w[j * columns + k] : w[k * columns + i] * w[k * columns + j]);
                Assert.AreEqual(i == j ? 1 : 0, dot, 1e-6);
            }
        }
    }

    [TestMethod]
    public void GlorotStaysWithinItsBoundAndFillsIt()
    {
        var w = new float[20_000];
        Initializer.GlorotUniform(w, 100, 200, new RandomStream(3));
        var bound = Math.Sqrt(6.0 / 300);
        Assert.IsTrue(w.All(v => Math.Abs(v) <= bound));
        Assert.AreEqual(bound, w.Max(), 0.001);
        Assert.AreEqual(bound / Math.Sqrt(3), Math.Sqrt(w.Average(v => v * v)), 0.002);
    }

    [TestMethod]
    public void AnLstmStartsByRemembering()
    {
        var layer = new RecurrentLayer(new RecurrentDescription("lstm_1", RecurrentCell.Lstm, 3) { Bidirectional = true }, new LayerShape(Sequence: true, 2));
        layer.Initialize(1);
        foreach (var parameter in layer.Parameters)
        {
            var values = parameter.Value.Span.ToArray();
            if (parameter.Name.Contains("bias_hh", StringComparison.Ordinal)) Assert.IsTrue(values.All(v => v == 0));
            else if (parameter.Name.Contains("bias_ih", StringComparison.Ordinal)) CollectionAssert.AreEqual(new float[] { 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0 }, values);
            else Assert.IsTrue(values.All(v => v != 0));
        }
    }

    [TestMethod]
    public void TheSeedAloneDecidesAndEachParameterHasAStreamOfItsOwn()
    {
        var (a, b, c) = (Weights(5, 4), Weights(5, 4), Weights(6, 4));
        CollectionAssert.AreEqual(a, b);
        CollectionAssert.AreNotEqual(a, c);

        // A wider dense layer before it changes nothing in the recurrent product of the layer behind it.
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
