using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Recurrent.Tests.Onnx;

namespace Microsoft.ML.Recurrent.Tests.Scoring;

[TestClass]
public sealed class SequenceStreamTests
{
    private const int Steps = 6, Keys = 5;

    private static readonly LayerDescription Pool = new PoolingDescription("pool", SequencePooling.Last);

    [TestMethod]
    [DataRow("lstm")]
    [DataRow("gru")]
    [DataRow("rnn")]
    [DataRow("mgu")]
    [DataRow("peepholes")]
    [DataRow("stack")]
    [DataRow("fixed")]
    [DataRow("statics")]
    [DataRow("loops")]
    [DataRow("tokens")]
    public void Each_step_answers_as_the_whole_sequence_does(string kind)
    {
        LayerDescription[] layers = kind switch
        {
            "gru" => [new RecurrentDescription("gru", RecurrentCell.Gru, 5), Pool],
            "rnn" => [new RecurrentDescription("rnn", RecurrentCell.SimpleRnn, 4) { Activation = RecurrentActivation.Relu }, Pool],
            "mgu" => [new RecurrentDescription("mgu", RecurrentCell.MinimalGated, 5), Pool],
            "peepholes" => [new RecurrentDescription("peepholes", RecurrentCell.PeepholeLstm, 5) { Projection = 3 },
                new RecurrentDescription("coupled", RecurrentCell.CoupledLstm, 4),
                new RecurrentDescription("both", RecurrentCell.CoupledPeepholeLstm, 5) { ZoneoutCell = 0.1f }, Pool],
            "stack" => [new RecurrentDescription("first", RecurrentCell.Lstm, 5), new DropoutDescription("drop", 0.5f),
                new DenseDescription("dense", 3, DenseActivation.Tanh),
                new LayerNormDescription("norm"), new RecurrentDescription("second", RecurrentCell.Gru, 4) { ResetAfter = false }, Pool,
                new DenseDescription("last", 4, DenseActivation.Relu)],
            "loops" => [new RecurrentDescription("zone", RecurrentCell.Lstm, 5) { ZoneoutHidden = 0.2f, Projection = 3 },
                new RecurrentDescription("normalised", RecurrentCell.Lstm, 4) { LayerNormalization = true }, Pool],
            "tokens" => [new EmbeddingDescription("embedding", 4), new RecurrentDescription("lstm", RecurrentCell.Lstm, 5), Pool],
            _ => [new RecurrentDescription("lstm", RecurrentCell.Lstm, 5), Pool],
        };
        var description = TestModels.Describe(layers, time: kind == "fixed" ? Steps : null, vocabulary: kind == "tokens" ? 9 : 0,
            statics: kind == "statics" ? 2 : 0);
        var model = TestModels.Model(description, seed: 111);
        var random = new Random(5);
        var width = (kind == "tokens" ? 1 : 3) + description.Statics;
        // Statics stay the same from step to step.
        var rows = Enumerable.Range(0, Keys).Select(_ => Enumerable.Range(0, width).Select(_ => random.NextSingle()).ToArray()).ToArray();
        var sequences = new float[Keys, Steps, width];
        for (var key = 0; key < Keys; key++)
            for (var step = 0; step < Steps; step++)
                for (var i = 0; i < width; i++)
                    sequences[key, step, i] = kind == "tokens" ? random.Next(9) : i < 3 ? 2 * random.NextSingle() - 1 : rows[key][i];

        using var stream = new SequenceStream<string>(model, new() { BatchSize = 3 });
        Assert.AreEqual(width, stream.InputSize);
        Assert.AreEqual(2, stream.OutputSize);
        var keys = Enumerable.Range(0, Keys).Select(key => $"key {key}").ToArray();
        var (inputs, outputs) = (new float[Keys * width], new float[Keys * 2]);
        using var scorer = new GraphScorer(model);
        using var batch = scorer.CreateBatch();
        for (var step = 0; step < Steps; step++)
        {
            for (var key = 0; key < Keys; key++)
                for (var i = 0; i < width; i++)
                    inputs[key * width + i] = sequences[key, step, i];
            stream.Step(keys, inputs, outputs);
            // A graph of a fixed number of steps can be asked at the end only.
            if (kind == "fixed" && step < Steps - 1) continue;
            batch.Clear();
            for (var key = 0; key < Keys; key++) AddPrefix(batch, description, sequences, key, step + 1);
            scorer.Run(batch);
            for (var key = 0; key < Keys; key++)
                TestModels.AssertClose(batch.Floats(key, 0).ToArray(), outputs[(key * 2)..(key * 2 + 2)], $"step {step}, key {key}");
        }
        Assert.AreEqual(Keys, stream.Count);
    }

    [TestMethod]
    public void A_key_that_comes_twice_makes_two_steps()
    {
        var model = Model(112);
        using var once = new SequenceStream<int>(model);
        using var together = new SequenceStream<int>(model);
        float[] inputs = [0.1f, 0.2f, 0.3f, -0.4f, 0.5f, 0.6f, 0.7f, -0.8f, 0.9f];
        var (expected, actual) = (new float[6], new float[6]);
        for (var i = 0; i < 3; i++) once.Step([7], inputs.AsSpan(3 * i, 3), expected.AsSpan(2 * i, 2));
        together.Step([7, 7, 7], inputs, actual);
        TestModels.AssertClose(expected, actual, "three steps");
        Assert.AreEqual(1, together.Count);
    }

    [TestMethod]
    public void A_forgotten_key_begins_anew()
    {
        using var stream = new SequenceStream<string>(Model(113), comparer: StringComparer.OrdinalIgnoreCase);
        var (first, second, again) = (new float[2], new float[2], new float[2]);
        stream.Step(["a"], [1, 2, 3], first);
        stream.Step(["A"], [1, 2, 3], second);
        CollectionAssert.AreNotEqual(first, second);
        stream.Forget("a");
        stream.Forget("never seen");
        Assert.AreEqual(0, stream.Count);
        stream.Step(["b"], [1, 2, 3], again);
        CollectionAssert.AreEqual(first, again);
    }

    [TestMethod]
    public void Thousands_of_keys_a_step_allocate_nothing()
    {
        const int keys = 3000;
        using var stream = new SequenceStream<int>(Model(114));
        var names = Enumerable.Range(0, keys).ToArray();
        var random = new Random(1);
        var inputs = Enumerable.Range(0, keys * 3).Select(_ => random.NextSingle()).ToArray();
        var (outputs, alone) = (new float[keys * 2], new float[2]);
        const int steps = 8;
        // A collection of garbage between two steps may have emptied the pools of arrays: what each step needs, the least of them needs, too.
        var least = long.MaxValue;
        for (var i = 0; i < steps; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            stream.Step(names, inputs, outputs);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        NumberAssert.IsLessThanOrEqualTo(keys, least, "at most a byte a step");

        using var other = new SequenceStream<int>(Model(114));
        for (var i = 0; i < steps; i++) other.Step([1234], inputs.AsSpan(1234 * 3, 3), alone);
        TestModels.AssertClose(alone, outputs[(1234 * 2)..(1234 * 2 + 2)], "one key among many");
    }

    // Each thread has keys of its own and forgets them at times, all upon one stream; others open and close streams of the same model.
    [TestMethod]
    public void Many_threads_step_and_forget_thousands_of_keys()
    {
        const int threads = 8, keys = 500, rounds = 12;
        var model = Model(119);
        ScoringOptions options = new() { BatchSize = 64, NumberOfThreads = 1 };
        using var stream = new SequenceStream<(int Thread, int Key)>(model, options);
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
        {
            var random = new Random(thread);
            using var alone = new SequenceStream<int>(model, options);
            int[] all = [.. Enumerable.Range(0, keys)];
            for (var round = 0; round < rounds; round++)
            {
                // Some of the keys, in another order each time, now and then one of them twice.
                random.Shuffle(all);
                var chosen = all.AsSpan(0, random.Next(1, keys)).ToArray();
                if (round % 3 == 0) chosen[^1] = chosen[0];
                float[] inputs = [.. Enumerable.Range(0, chosen.Length * 3).Select(_ => random.NextSingle())], expected = new float[chosen.Length * 2],
                    actual = new float[chosen.Length * 2];
                stream.Step([.. chosen.Select(key => (thread, key))], inputs, actual);
                alone.Step(chosen, inputs, expected);
                TestModels.AssertClose(expected, actual, $"thread {thread}, round {round}");
                foreach (var key in chosen.Where(key => key % 7 == round % 7))
                {
                    stream.Forget((thread, key));
                    alone.Forget(key);
                }
            }
        });
        Assert.IsTrue(stream.Count is > 0 and <= threads * keys);
        Assert.AreEqual(1, OnnxSessions.Leases(model.Identity + ":step"));
    }

    [TestMethod]
    public void Sessions_are_shared_and_returned()
    {
        var model = Model(115);
        var first = new SequenceStream<int>(model);
        var second = new SequenceStream<int>(model);
        Assert.AreEqual(2, OnnxSessions.Leases(model.Identity + ":step"));
        first.Dispose();
        first.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => first.Step([1], new float[3], new float[2]));
        second.Step([1], new float[3], new float[2]);
        second.Dispose();
        Assert.AreEqual(0, OnnxSessions.Leases(model.Identity + ":step"));
    }

    [TestMethod]
    public void Lengths_that_do_not_fit_are_named()
    {
        using var stream = new SequenceStream<int>(Model(116));
        var inputs = Assert.ThrowsExactly<ArgumentException>(() => stream.Step([1, 2], new float[5], new float[4]));
        Assert.AreEqual("inputs", inputs.ParamName);
        StringAssert.Contains(inputs.Message, "6 numbers, 3 each");
        var outputs = Assert.ThrowsExactly<ArgumentException>(() => stream.Step([1, 2], new float[6], new float[2]));
        Assert.AreEqual("outputs", outputs.ParamName);
    }

    [TestMethod]
    public void What_needs_the_whole_sequence_is_refused_by_name()
    {
        AssertRefused("'lstm' is bidirectional", new RecurrentDescription("lstm", RecurrentCell.Lstm, 4) { Bidirectional = true }, Pool);
        AssertRefused("'mean' pools (Mean)", new RecurrentDescription("lstm", RecurrentCell.Lstm, 4), new PoolingDescription("mean", SequencePooling.Mean));
        var description = TestModels.Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 4), Pool], features: 1,
            normalization: WindowNormalization.LastValue);
        var error = Assert.ThrowsExactly<NotSupportedException>(() => new SequenceStream<int>(TestModels.Model(description, seed: 117)));
        StringAssert.Contains(error.Message, "WindowNormalization.None");

        static void AssertRefused(string words, params LayerDescription[] layers)
        {
            var error = Assert.ThrowsExactly<NotSupportedException>(() => new SequenceStream<int>(TestModels.Model(TestModels.Describe(layers), seed: 118)));
            StringAssert.Contains(error.Message, words);
        }
    }

    private static RecurrentModel Model(int seed) =>
        TestModels.Model(TestModels.Describe([new RecurrentDescription("lstm", RecurrentCell.Lstm, 6), Pool], time: null), seed);

    private static void AddPrefix(ScoringBatch batch, NetworkDescription description, float[,,] sequences, int key, int steps)
    {
        var row = batch.Add(steps);
        for (var step = 0; step < steps; step++)
        {
            if (description.Vocabulary > 0)
            {
                batch.Tokens(row, 0)[step] = (long)sequences[key, step, 0];
                continue;
            }
            batch.Values(row, 0)[step] = sequences[key, step, 0];
            for (var i = 1; i < 3; i++) batch.Values(row, 1)[step * 2 + i - 1] = sequences[key, step, i];
        }
        for (var i = 0; i < description.Statics; i++) batch.Values(row, description.Vocabulary > 0 ? 1 : 2)[i] = sequences[key, 0, 3 + i];
    }
}
