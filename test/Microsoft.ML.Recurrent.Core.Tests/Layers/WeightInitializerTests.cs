using Microsoft.ML.Recurrent.Networks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Layers;

[TestClass]
public class WeightInitializerTests
{
    [TestMethod]
    public void Every_initializer_has_its_moments()
    {
        const int fanIn = 300, fanOut = 200;
        foreach (var (name, initializer, deviation) in new (string, WeightInitializer, double)[]
        {
            ("Glorot uniform", WeightInitializer.GlorotUniform(), Math.Sqrt(2.0 / 500)),
            ("Glorot normal", WeightInitializer.GlorotNormal(), Math.Sqrt(2.0 / 500)),
            ("He uniform", WeightInitializer.HeUniform(), Math.Sqrt(2.0 / 300)), ("He normal", WeightInitializer.HeNormal(), Math.Sqrt(2.0 / 300)),
            ("uniform", WeightInitializer.Uniform(0.1f), 0.1 / Math.Sqrt(3)), ("normal", WeightInitializer.Normal(0.02f), 0.02),
            ("residual", WeightInitializer.ResidualScaled(8), 0.005),
            ("orthogonal", WeightInitializer.Orthogonal(2), 2 / Math.Sqrt(300)),
        })
        {
            var weights = new float[fanIn * fanOut];
            initializer.Fill(weights, fanIn, fanOut, new Microsoft.ML.Recurrent.Autograd.RandomStream(3));
            Assert.AreEqual(0, weights.Average(), 0.02 * deviation, name);
            Assert.AreEqual(deviation, Math.Sqrt(weights.Average(w => (double)w * w)), 0.02 * deviation, name);
        }
    }

    [TestMethod]
    public void A_network_begins_as_asked_gate_by_gate()
    {
        using var network = new Network(new NetworkDescription
        {
            Features = 3, Outputs = 2,
            Layers = [.. SequenceNetwork.Create().Lstm(4, name: "lstm").Gru(3, bidirectional: true, name: "gru").Layers()]
        }, 1);
        new NetworkInitialization(WeightInitializer.Uniform(0.1f), WeightInitializer.Identity(0.5f), ForgetBias: 2).Apply(network, 1);
        CollectionAssert.AreEqual(Enumerable.Range(0, 64).Select(i => i % 16 / 4 == i % 4 ? 0.5f : 0).ToArray(),
            network["lstm.weight_hh"].Value.Span.ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(0, 27).Select(i => i % 9 / 3 == i % 3 ? 0.5f : 0).ToArray(),
            network["gru.weight_hh_reverse"].Value.Span.ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(0, 16).Select(i => i is >= 4 and < 8 ? 2f : 0).ToArray(), network["lstm.bias_ih"].Value.Span.ToArray());
        foreach (var name in new[] { "lstm.weight_ih", "gru.weight_ih", "gru.weight_ih_reverse", "head.weight" })
            Assert.IsTrue(network[name].Value.Span.ToArray().All(w => w != 0 && Math.Abs(w) <= 0.1f), name);
        Assert.IsTrue(network["head.bias"].Value.Span.ToArray().All(b => b == 0));
    }

    [TestMethod]
    public void Bad_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightInitializer.Uniform(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightInitializer.Normal(float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightInitializer.ResidualScaled(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightInitializer.Identity(-1));
    }
}
