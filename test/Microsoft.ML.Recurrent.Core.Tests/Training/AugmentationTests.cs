using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Training;

[TestClass]
public class AugmentationTests
{
    private const int Rows = 3, Time = 6, Features = 2;
    private static readonly int[] s_lengths = [6, 1, 4];

    [TestMethod]
    public void Nothing_is_changed_by_default_nor_ever_in_padding()
    {
        CollectionAssert.AreEqual(Values(new()), Values(null));
        var all = new SequenceAugmentation
        {
            Jitter = 0.5f, Scaling = 0.5f, SignFlip = 0.5f, Rotation = 1, TimeFlip = 0.5f, TimeWarp = 0.2f, WindowSlice = 0.7f,
            FeatureDropout = 0.3f
        };
        var (changed, original) = (Values(all), Values(null));
        for (var i = 0; i < changed.Length; i++)
        {
            var (t, row) = (i / (Rows * Features), i / Features % Rows);
            Assert.IsTrue(float.IsFinite(changed[i]));
            if (t >= s_lengths[row]) Assert.AreEqual(0, changed[i]);
        }

        CollectionAssert.AreNotEqual(original, changed);
        CollectionAssert.AreEqual(changed, Values(all));
        CollectionAssert.AreNotEqual(changed, Values(all, seed: 6));
    }

    [TestMethod]
    public void Each_change_does_what_its_name_says()
    {
        var x = Row(null);
        CollectionAssert.AreEqual(x.Select(step => step.Select(v => -v).ToArray()).SelectMany(v => v).ToArray(),
            Row(new() { SignFlip = 1 }).SelectMany(v => v).ToArray());
        CollectionAssert.AreEqual(x.Reverse().SelectMany(v => v).ToArray(), Row(new() { TimeFlip = 1 }).SelectMany(v => v).ToArray());

        // The order of two features is kept or swapped.
        var rotated = Enumerable.Range(0, 20).Select(seed => Row(new() { Rotation = 1 }, (ulong)seed)).ToArray();
        Assert.IsTrue(rotated.Any(r => r[2][0] == x[2][1] && r[2][1] == x[2][0]) && rotated.Any(r => r[2][0] == x[2][0]));

        var mean = x.Average(step => step[1]);
        Assert.IsTrue(Row(new() { FeatureDropout = 1 }).All(step => Math.Abs(step[1] - mean) < 1e-5));
        var scaled = Row(new() { Scaling = 0.3f });
        Assert.IsTrue(scaled.Select((step, t) => step[0] / x[t][0]).Distinct(new Close()).Count() == 1);

        // Warping keeps the ends and the order of a rising line.
        var warped = Row(new() { TimeWarp = 0.29f });
        Assert.AreEqual((x[0][0], x[^1][0]), (warped[0][0], warped[^1][0]));
        Assert.IsTrue(warped.Zip(warped.Skip(1), (a, b) => a[0] < b[0]).All(rises => rises));
        Assert.AreNotEqual(x[2][0], warped[2][0]);

        // A slice of a line is a line of a smaller slope.
        var sliced = Row(new() { WindowSlice = 0.5f });
        Assert.AreEqual((x[^1][0] - x[0][0]) / 2, sliced[^1][0] - sliced[0][0], 1e-4f);
    }

    [TestMethod]
    public void Jitter_has_the_size_asked_for()
    {
        using var batch = new SequenceBatch();
        batch.Resize(1, 4000, 1);
        for (var t = 0; t < 4000; t++) batch.Values![t] = t % 2 == 0 ? 3 : 7;
        new SequenceAugmentation { Jitter = 0.25f }.Apply(batch, new RandomStream(1));
        Assert.AreEqual(0.5, Math.Sqrt(Enumerable.Range(0, 4000).Average(t => Math.Pow(batch.Values![t] - (t % 2 == 0 ? 3 : 7), 2))), 0.03);
    }

    [TestMethod]
    public void Tokens_become_unknown()
    {
        using var batch = new SequenceBatch();
        batch.Resize(1, 1000, 0, tokens: true);
        Array.Fill(batch.Tokens!, 5, 0, 1000);
        new SequenceAugmentation { TokenDropout = 0.2f }.Apply(batch, new RandomStream(1));
        Assert.AreEqual(200, batch.Tokens!.Take(1000).Count(token => token == 0), 40);
    }

    [TestMethod]
    public void Rare_tokens_become_unknown_and_others_stay()
    {
        using var batch = new SequenceBatch();
        batch.Resize(1, 1000, 0, tokens: true);
        for (var t = 0; t < 1000; t++) batch.Tokens![t] = 1 + t % 2;
        new SequenceAugmentation { RareTokenDropout = 0.5f }.Apply(batch, new RandomStream(1), [false, false, true]);
        Assert.AreEqual(500, batch.Tokens!.Take(1000).Count(token => token == 1));
        Assert.AreEqual(250, batch.Tokens!.Take(1000).Count(token => token == 2), 40);
        // What is rare is not known: nothing is replaced.
        var before = batch.Tokens!.Take(1000).ToArray();
        new SequenceAugmentation { RareTokenDropout = 1 }.Apply(batch, new RandomStream(1));
        CollectionAssert.AreEqual(before, batch.Tokens!.Take(1000).ToArray());
    }

    [TestMethod]
    public void Values_out_of_range_are_named()
    {
        foreach (var (name, options) in new (string, SequenceAugmentation)[]
        {
            ("Jitter", new() { Jitter = -1 }), ("Scaling", new() { Scaling = float.NaN }), ("SignFlip", new() { SignFlip = 2 }),
            ("TimeWarp", new() { TimeWarp = 0.3f }), ("WindowSlice", new() { WindowSlice = 0 }),
            ("TokenDropout", new() { TokenDropout = -1 }), ("RareTokenDropout", new() { RareTokenDropout = 1.1f }),
        }) Assert.AreEqual(name, Assert.Throws<ArgumentOutOfRangeException>(options.Check).ParamName);
    }

    [TestMethod]
    public void Training_uses_it_and_repeats_exactly()
    {
        var (plain, changed) = (Train(null), Train(new SequenceAugmentation { Jitter = 0.1f }));
        CollectionAssert.AreNotEqual(plain, changed);
        CollectionAssert.AreEqual(changed, Train(new SequenceAugmentation { Jitter = 0.1f }));

        static float[] Train(SequenceAugmentation? augmentation)
        {
            using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Gru(5), outputs: 2);
            new TrainingLoop(network, new ClassHead(2), new TrainingSettings { Seed = 3, MaximumNumberOfEpochs = 2, Augmentation = augmentation })
                .Run(new TestBatches(TestBatches.Sums(64), 16));
            return TrainingLoopTests.Weights(network);
        }
    }

    /// <summary>The search finds a rate at which training works, and restores the network.</summary>
    [TestMethod]
    public void A_learning_rate_is_found()
    {
        using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Lstm(16), outputs: 2);
        var before = TrainingLoopTests.Weights(network);
        var data = new TestBatches(TestBatches.Sums(512), 32);
        var settings = new TrainingSettings { Seed = 3, MaximumNumberOfEpochs = 8 };
        var curve = new LearningRateFinder(network, new ClassHead(2), settings).Run(data,
            new() { MinimumLearningRate = 1e-5f, MaximumLearningRate = 10, NumberOfSteps = 120 });
        CollectionAssert.AreEqual(before, TrainingLoopTests.Weights(network));
        Assert.AreEqual(1e-5, curve.Trials[0].LearningRate, 1e-9);
        Assert.IsTrue(curve.Suggestion is > 1e-4f and < 1, $"{curve.Suggestion}");
        var loop = new TrainingLoop(network, new ClassHead(2), settings with { LearningRate = curve.Suggestion.Value });
        loop.Run(data);
        NumberAssert.IsLessThan(0.3, loop.Evaluate(data));
    }

    private static float[][] Row(SequenceAugmentation? augmentation, ulong seed = 5)
    {
        var values = Values(augmentation, seed);
        return [.. Enumerable.Range(0, Time).Select(t => Enumerable.Range(0, Features).Select(j => values[t * Rows * Features + j]).ToArray())];
    }

    // Row 0: a rising line and its squares.
    private static float[] Values(SequenceAugmentation? augmentation, ulong seed = 5)
    {
        using var batch = new SequenceBatch();
        batch.Resize(Rows, Time, Features, lengths: true);
        s_lengths.CopyTo(batch.Lengths!, 0);
        for (var row = 0; row < Rows; row++)
        {
            for (var t = 0; t < s_lengths[row]; t++)
                (batch.Values![(t * Rows + row) * Features], batch.Values[(t * Rows + row) * Features + 1]) = (1 + t, (1 + t) * (1 + t));
        }

        augmentation?.Apply(batch, new RandomStream(seed));
        return batch.Values!.Span.ToArray();
    }

    private sealed class Close : IEqualityComparer<float>
    {
        public bool Equals(float x, float y) => Math.Abs(x - y) < 1e-5;

        public int GetHashCode(float value) => 0;
    }
}
