using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Autograd;

[TestClass]
public class RandomStreamTests
{
    /// <summary>The known-answer tests of the authors (Random123, kat_vectors, philox4x32 10).</summary>
    [TestMethod]
    public void Philox_gives_the_known_answers()
    {
        Assert.AreEqual((0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u), Philox.Block(0, 0, 0));
        Assert.AreEqual((0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu), Philox.Block(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue));
        Assert.AreEqual((0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u), Philox.Block(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88));
    }

    [TestMethod]
    public void Goes_on_from_a_saved_state()
    {
        var random = new RandomStream(42, "layer.weight");
        for (var i = 0; i < 7; i++) random.NextUInt32();
        var state = random.State;
        var (a, b, c) = (random.NextGaussian(), random.NextInt32(1000), random.NextSingle());
        var again = new RandomStream(1) { State = state };
        Assert.AreEqual((a, b, c), (again.NextGaussian(), again.NextInt32(1000), again.NextSingle()));
    }

    [TestMethod]
    public void Distributions_have_their_moments()
    {
        const int count = 200_000;
        var random = new RandomStream(1);
        double sum = 0, squares = 0, uniform = 0;
        var faces = new int[6];
        for (var i = 0; i < count; i++)
        {
            var x = random.NextGaussian();
            sum += x;
            squares += x * x;
            uniform += random.NextSingle();
            faces[random.NextInt32(6)]++;
        }

        Assert.AreEqual(0, sum / count, 0.01);
        Assert.AreEqual(1, squares / count, 0.02);
        Assert.AreEqual(0.5, uniform / count, 0.005);
        foreach (var face in faces) Assert.AreEqual(1 / 6.0, face / (double)count, 0.005);
    }

    [TestMethod]
    public void Normal_numbers_filled_in_have_their_moments_and_go_on_where_they_ended()
    {
        var random = new RandomStream(2);
        random.NextUInt32();
        var values = new float[200_001];
        var start = random.State;
        random.FillGaussian(values);
        Assert.AreEqual(0, values.Average(x => (double)x), 0.01);
        Assert.AreEqual(1, values.Average(x => (double)x * x), 0.02);
        Assert.AreEqual(3, values.Average(x => (double)x * x * x * x), 0.1);
        Assert.AreEqual(0, Enumerable.Range(1, values.Length - 1).Average(i => (double)values[i] * values[i - 1]), 0.01);
        Assert.AreEqual(0.6827, values.Count(x => MathF.Abs(x) < 1) / (double)values.Length, 0.005);

        var next = random.NextUInt32();
        var again = new RandomStream(1) { State = start };
        var part = new float[100];
        again.FillGaussian(part);
        CollectionAssert.AreEqual(values[..100], part);
        again.FillGaussian(values.AsSpan(100));
        Assert.AreEqual(next, again.NextUInt32());
    }

    [TestMethod]
    public void Shuffle_keeps_all_items()
    {
        var items = Enumerable.Range(0, 1000).ToArray();
        new RandomStream(9).Shuffle<int>(items);
        Assert.IsFalse(items.SequenceEqual(Enumerable.Range(0, 1000)));
        CollectionAssert.AreEqual(Enumerable.Range(0, 1000).ToArray(), items.Order().ToArray());
    }

    [TestMethod]
    public void A_dropout_mask_keeps_the_right_share_and_depends_on_its_stream_alone()
    {
        var (mask, again, other) = (new float[100_001], new float[100_001], new float[100_001]);
        DropoutOperation.FillMask(mask, 0.3f, 5, 1);
        DropoutOperation.FillMask(again, 0.3f, 5, 1);
        DropoutOperation.FillMask(other, 0.3f, 5, 2);
        Assert.AreEqual(0.3, mask.Count(m => m == 0) / (double)mask.Length, 0.005);
        Assert.IsTrue(mask.All(m => m == 0 || m == 1 / 0.7f));
        CollectionAssert.AreEqual(mask, again);
        CollectionAssert.AreNotEqual(mask, other);
    }
}
