using System.Numerics;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Core.Tests.Training;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Networks;

/// <summary>The linear path over n-grams: its hash, its sums, and how it is trained beside the layers.</summary>
[TestClass]
public sealed class NgramPathTests
{
    private const int Vocabulary = 20, Classes = 3;

    private static NetworkDescription Description(int length = 3, int bits = 10) => new()
    {
        Features = 0,
        Vocabulary = Vocabulary,
        Layers = SequenceNetwork.Create().Embedding(4).Gru(5).Pool(SequencePooling.Max).Layers(),
        Outputs = Classes,
        Ngrams = new(length, bits),
    };

    // Rows of 1, 6 and 3 tokens, padded with token 9, which must not count.
    private static readonly int[][] s_rows = [[5], [5, 0, 17, 19, 0, 3], [1, 2, 1]];

    private static SequenceBatch Batch(params int[][] rows)
    {
        var batch = new SequenceBatch();
        batch.Resize(rows.Length, rows.Max(row => row.Length), 0, tokens: true, lengths: true, labels: true);
        for (var t = 0; t < batch.Time; t++)
            for (var row = 0; row < rows.Length; row++) batch.Tokens![t * rows.Length + row] = t < rows[row].Length ? rows[row][t] : 9;
        for (var row = 0; row < rows.Length; row++) (batch.Lengths![row], batch.Labels![row]) = (rows[row].Length, row % Classes);
        return batch;
    }

    [TestMethod]
    public void Places_are_those_of_a_polynomial_computed_elsewhere()
    {
        var places = new int[NgramHash.Count(3, 3)];
        NgramHash.Write([1, 7, 2, 19, 1], 3, 1024, places);
        CollectionAssert.AreEqual(new[] { 2, 38, 49, 8, 210, 1000, 3, 79, 241, 20, 563, 2 }, places);
        // The largest symbols do not overflow.
        places = new int[NgramHash.Count(2, 3)];
        NgramHash.Write([1, 16_777_217, 16_777_217, 1], 3, 1024, places);
        CollectionAssert.AreEqual(new[] { 2, 48, 998, 18, 136, 294, 18, 120, 2 }, places);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(4)]
    [DataRow(10)]
    public void Outputs_are_sums_over_the_n_grams_of_each_row_alone(int length)
    {
        using var network = Network(Description(length));
        using var batch = Batch(s_rows);
        using var tape = new Tape { Recording = false };
        var outputs = network.Ngrams!.Forward(tape, batch);
        for (var row = 0; row < s_rows.Length; row++)
        {
            var expected = Expected(s_rows[row], length, network.Ngrams);
            for (var k = 0; k < Classes; k++) Assert.AreEqual(expected[k], outputs[row * Classes + k], 1e-5, $"row {row}");
            using var alone = Batch(s_rows[row]);
            var same = network.Ngrams.Forward(tape, alone);
            for (var k = 0; k < Classes; k++) Assert.AreEqual(outputs[row * Classes + k], same[k]);
        }
    }

    [TestMethod]
    public void Parts_of_the_steps_add_up_to_the_output()
    {
        using var network = Network(Description());
        using var batch = Batch(s_rows);
        using var tape = new Tape { Recording = false };
        var outputs = network.Ngrams!.Forward(tape, batch);
        for (var row = 0; row < s_rows.Length; row++)
        {
            var steps = new double[batch.Time];
            var marks = network.Ngrams.Attribute(batch, row, 2, steps);
            Assert.AreEqual(outputs[row * Classes + 2], marks + steps.Sum(), 1e-5);
            Assert.IsTrue(steps.Skip(s_rows[row].Length).All(part => part == 0));
            Assert.IsTrue(steps.Take(s_rows[row].Length).All(part => part != 0));
        }
    }

    [TestMethod]
    public void The_network_answers_with_both_and_trains_them_apart()
    {
        using var network = Network(Description());
        (network.Ngrams!.Shares.Value[0], network.Ngrams.Shares.Value[1]) = (2, 0.25f);
        using var batch = Batch(s_rows);
        using var tape = new Tape { Recording = false };
        var both = network.Forward(tape, batch);
        var apart = network.Forward(tape, batch, new() { KeepsNgramsApart = true });
        Assert.IsNull(both.Ngrams);
        for (var i = 0; i < both.Values.Length; i++) Assert.AreEqual(2 * apart.Values[i] + 0.25f * apart.Ngrams![i], both.Values[i], 1e-5f);
    }

    [TestMethod]
    public void What_the_path_learns_does_not_depend_on_the_layers()
    {
        float[] Learned(ulong seed)
        {
            using var network = new Network(Description(), seed);
            Learn(network);
            return network.Ngrams!.Weight.Value.Span.ToArray();
        }

        var weights = Learned(1);
        Assert.IsTrue(weights.Any(weight => weight != 0));
        CollectionAssert.AreEqual(weights, Learned(2));
        // The row of no n-gram.
        Assert.IsTrue(weights.Take(Classes).All(weight => weight == 0));
    }

    [TestMethod]
    public void Tokens_and_outputs_of_an_initial_path_are_found_again()
    {
        using var source = Network(Description());
        using var target = Network(Description() with { Vocabulary = Vocabulary + 1, Outputs = Classes + 1 });
        // Ids in reverse, and a new one; outputs one later, and a new first one.
        int[] tokens = [.. Enumerable.Range(0, Vocabulary).Reverse(), -1];
        target.Ngrams!.CopyFrom(source.Ngrams!, tokens, [-1, 0, 1, 2]);
        using var tape = new Tape { Recording = false };
        using var there = Batch([3, 4, 19]);
        using var here = Batch([Vocabulary - 4, Vocabulary - 5, 0]);
        var (expected, found) = (source.Ngrams!.Forward(tape, there), target.Ngrams.Forward(tape, here));
        for (var k = 0; k < Classes; k++) Assert.AreEqual(expected[k], found[k + 1], 1e-6f);
        Assert.AreEqual(Vocabulary, target.Ngrams.Codes.Value[Vocabulary]);
    }

    [TestMethod]
    public void A_path_that_tells_nothing_gets_no_share()
    {
        using var network = Network(Description());
        // The layers know the class; the path says another one, loudly.
        network.Freeze(NgramPath.Name);
        for (var i = 0; i < network.Ngrams!.Weight.Value.Length; i++) network.Ngrams.Weight.Value[i] *= 30;
        Learn(network);
        NgramShares.Fit(network, new ClassHead(Classes), Source(), default);
        Assert.AreEqual(0, network.Ngrams.Shares.Value[1]);
        Assert.AreEqual(2, network.Ngrams.Shares.Value[0]);
    }

    private static TestBatches Source() => new([.. s_rows.Select((row, i) => new Example([], i % Classes, Tokens: row))], 2);

    private static void Learn(Network network) => new TrainingLoop(network, new ClassHead(Classes),
        new() { Seed = 1, LearningRate = 0.05f, MaximumNumberOfEpochs = 30, EmaDecay = 0.9f, WeightDecay = 0.01f }).Run(Source(), null);

    private static Network Network(NetworkDescription description)
    {
        var network = new Network(description, 1);
        var random = new RandomStream(3, 4);
        var weights = network.Ngrams!.Weight.Value.Span[description.Outputs..];
        foreach (ref var weight in weights) weight = (float)random.NextGaussian();
        return network;
    }

    // A plain loop over sets of symbols, with integers of any size.
    private static double[] Expected(int[] row, int length, NgramPath path)
    {
        BigInteger[] symbols = [1, .. row.Select(id => new BigInteger(id + 2)), 1];
        var sums = new double[Classes];
        var count = 0;
        for (var start = 0; start < symbols.Length; start++)
        {
            for (var n = 1; n <= length && start + n <= symbols.Length; n++, count++)
            {
                var hash = symbols.Skip(start).Take(n).Aggregate(BigInteger.Zero, (h, symbol) => (h * NgramHash.Multiplier + symbol) % NgramHash.Prime);
                var place = 1 + (int)(hash % (path.Weight.Shape[0] - 1));
                for (var k = 0; k < Classes; k++) sums[k] += path.Weight.Value[place * Classes + k];
            }
        }
        return [.. sums.Select(sum => sum / Math.Sqrt(count))];
    }
}
