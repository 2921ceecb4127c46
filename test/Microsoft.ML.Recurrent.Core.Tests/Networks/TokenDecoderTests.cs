using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Core.Tests.Training;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Decoding;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Networks;

/// <summary>Decoders of tokens: reversing sequences, with teacher forcing and free running.</summary>
[TestClass]
public class TokenDecoderTests
{
    // Words are 2 to 7; 0 starts and 1 ends a target sequence.
    private const int Vocabulary = 8, Start = 0, End = 1, Longest = 5;

    [TestMethod]
    [DataRow(AttentionForm.General, false)]
    [DataRow(AttentionForm.Additive, true)]
    public void Sequences_are_turned_round(AttentionForm attention, bool feeding)
    {
        using var network = new Network(Describe(attention, feeding), seed: 5);
        var settings = new TrainingSettings
        {
            Seed = 17, MaximumNumberOfEpochs = feeding ? 12 : 25, LearningRate = 0.01f,
            TeacherForcing = feeding ? TeacherForcing.Linear(10, 1, 0.5f) : null
        };
        new TrainingLoop(network, new TokenHead(), settings).Run(new Turned(600, 1));
        var (held, right, rows) = (new Turned(100, 2), 0, 0);
        held.Begin(null);
        using var batch = new SequenceBatch();
        while (held.Next(batch))
        {
            using var alone = held.WithoutAnswers(batch);
            var said = TokenDecoding.Greedy(network, alone);
            for (var row = 0; row < batch.Rows; row++, rows++)
            {
                int[] wanted = [.. Enumerable.Range(0, batch.AnswerTime).Select(t => batch.Answers![t * batch.Rows + row]).TakeWhile(token => token != End)];
                if (said[row].SequenceEqual(wanted)) right++;
            }
        }

        NumberAssert.IsGreaterThan(0.9, right / (double)rows);
    }

    [TestMethod]
    public void The_number_of_threads_changes_no_bit()
    {
        CollectionAssert.AreEqual(Train(1), Train(2));

        static float[] Train(int threads)
        {
            using var network = new Network(Describe(AttentionForm.Additive, feeding: true), seed: 5);
            new TrainingLoop(network, new TokenHead(), new TrainingSettings
            {
                Seed = 17, MaximumNumberOfEpochs = 2,
                TeacherForcing = TeacherForcing.Constant(0.5f), Threads = threads
            }).Run(new Turned(96, 1));
            return TrainingLoopTests.Weights(network);
        }
    }

    [TestMethod]
    public void Steps_at_once_and_one_by_one_are_the_same()
    {
        using var network = new Network(Describe(AttentionForm.General, feeding: false), seed: 5);
        using var tape = new Tape { Training = true };
        using var batch = new SequenceBatch();
        var data = new Turned(8, 3);
        data.Begin(null);
        data.Next(batch);
        var atOnce = network.Forward(tape, batch).Values.Span.ToArray();
        // A probability just below 1: always teacher forcing, but step by step.
        var oneByOne = network.Forward(tape, batch, new() { TeacherForcing = 1 - 1e-7f }).Values.Span.ToArray();
        for (var i = 0; i < atOnce.Length; i++)
        {
            // Outputs past the end of a row are arbitrary.
            if (batch.Answers![i / Vocabulary] >= 0) Assert.AreEqual(atOnce[i], oneByOne[i], 1e-5f);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Sampling_every_token_is_free_running(bool feeding)
    {
        using var network = new Network(Describe(AttentionForm.General, feeding), seed: 5);
        using var tape = new Tape { Training = true };
        using var batch = new SequenceBatch();
        var data = new Turned(8, 3);
        data.Begin(null);
        data.Next(batch);
        var free = network.Forward(tape, batch, new() { TeacherForcing = 0 }).Values.Span.ToArray();
        var sampled = network.Forward(tape, batch, new() { TeacherForcing = 1e-7f }).Values.Span.ToArray();
        var forced = network.Forward(tape, batch).Values.Span.ToArray();
        var differs = false;
        for (var i = 0; i < free.Length; i++)
        {
            if (batch.Answers![i / Vocabulary] < 0) continue;
            Assert.AreEqual(free[i], sampled[i], 1e-5f);
            differs |= Math.Abs(free[i] - forced[i]) > 1e-3f;
        }
        Assert.IsTrue(differs, "the targets are not what the network writes");
        var before = TokenDecoding.Greedy(network, batch);
        using var alone = data.WithoutAnswers(batch);
        var after = TokenDecoding.Greedy(network, alone);
        for (var row = 0; row < batch.Rows; row++) CollectionAssert.AreEqual(after[row], before[row], "greedy decoding reads no targets");
    }

    [TestMethod]
    public void A_text_keeps_its_limits()
    {
        var description = Describe(AttentionForm.General, false);
        description = description with
        {
            Decoder = description.Decoder! with { Steps = 9, MinimumLength = 3, IsLimitedBySource = true, ExcludedTokens = [4, 5] }
        };
        Assert.AreEqual(9, description.Decoder.MostTokens(5));
        Assert.AreEqual(12, (description.Decoder with { Steps = 90 }).MostTokens(1));
        using var network = new Network(description, seed: 5);
        using var batch = new SequenceBatch();
        var data = new Turned(32, 3);
        data.Begin(null);
        data.Next(batch);
        foreach (var text in TokenDecoding.Greedy(network, batch))
        {
            NumberAssert.IsGreaterThanOrEqualTo(3, text.Length);
            NumberAssert.IsLessThanOrEqualTo(9, text.Length);
            Assert.IsFalse(text.Any(token => token is Start or End or 4 or 5));
        }
    }

    [TestMethod]
    public void Concat_over_time() => GradientChecker.Check((tape, x) => [ConcatOperation.Apply(tape, 0, x[0], x[1], x[2])], x => [[.. x[0], .. x[1], .. x[2]]],
        new Shape(2, 3, 4), new Shape(1, 3, 4), new Shape(3, 3, 4));

    [TestMethod]
    public void What_does_not_fit_is_named()
    {
        Refused("the first an embedding", d => d with { Decoder = d.Decoder! with { Layers = d.Decoder.Layers.RemoveAt(0) } });
        Refused("needs layers", d => d with { Decoder = d.Decoder! with { Layers = [] } });
        Refused("not 9", d => d with { Outputs = 9 });
        Refused("no text would end", d => d with { Decoder = d.Decoder! with { ExcludedTokens = [End] } });
        Refused("at least 99", d => d with { Decoder = d.Decoder! with { MinimumLength = 99 } });
        Refused("Projection to 12", d => d with { TieHead = true });
        Refused("projection of -1", d => d with { Decoder = d.Decoder! with { Projection = -1 } });
        Refused("in the vocabulary", d => d with { Decoder = d.Decoder! with { EndToken = Vocabulary } });

        static void Refused(string reason, Func<NetworkDescription, NetworkDescription> change) =>
            Assert.Contains(reason, Assert.Throws<ArgumentException>(() => new Network(change(Describe(AttentionForm.General, false)), seed: 1)).Message);
    }

    private static NetworkDescription Describe(AttentionForm attention, bool feeding) => new()
    {
        Features = 0, Vocabulary = Vocabulary, Outputs = Vocabulary, Layers = SequenceNetwork.Create().Embedding(12).Gru(24, bidirectional: true).StepLayers(),
        Decoder = new()
        {
            Steps = Longest + 3, Targets = 0, Vocabulary = Vocabulary, StartToken = Start, EndToken = End, Attention = attention, InputFeeding = feeding,
            Layers = SequenceNetwork.Create().Embedding(12, "decoder_embedding").Gru(32, name: "decoder_gru").StepLayers(),
        },
    };

    /// <summary>Softmax cross-entropy of the token at each step.</summary>
    private sealed class TokenHead : Head
    {
        public override int Outputs => Vocabulary;

        public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) =>
            ClassificationLosses.SoftmaxCrossEntropy(tape, output.Values, batch.Answers.AsSpan(0, batch.AnswerTime * batch.Rows));

        public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output) => [output.Values];
    }

    /// <summary>Random words; the target is the reversed sequence.</summary>
    private sealed class Turned(int count, ulong seed) : IBatchSource
    {
        private const int BatchSize = 32;

        private readonly int[][] _words = [.. Words(count, new RandomStream(seed))];
        private readonly int[] _order = new int[count];
        private int _next;

        public long Count => count;

        public int Batches => (count + BatchSize - 1) / BatchSize;

        public void Begin(ulong? seed)
        {
            for (var i = 0; i < count; i++) _order[i] = i;
            if (seed is { } key) new RandomStream(key).Shuffle<int>(_order);
            _next = 0;
        }

        public bool Next(SequenceBatch batch)
        {
            if (_next >= count) return false;
            var rows = _order.Skip(_next).Take(BatchSize).Select(i => _words[i]).ToArray();
            _next += rows.Length;
            var longest = rows.Max(row => row.Length);
            batch.Resize(rows.Length, longest, 0, tokens: true, lengths: true, answerTime: longest + 1);
            for (var row = 0; row < rows.Length; row++)
            {
                var words = rows[row];
                batch.Lengths![row] = words.Length;
                for (var t = 0; t < words.Length; t++)
                    (batch.Tokens![t * rows.Length + row], batch.Answers![t * rows.Length + row]) = (words[t], words[^(t + 1)]);
                batch.Answers![words.Length * rows.Length + row] = End;
            }

            return true;
        }

        /// <summary>The same inputs without targets.</summary>
        public SequenceBatch WithoutAnswers(SequenceBatch batch)
        {
            var alone = new SequenceBatch();
            alone.Resize(batch.Rows, batch.Time, 0, tokens: true, lengths: true);
            batch.Tokens.AsSpan(0, batch.Time * batch.Rows).CopyTo(alone.Tokens);
            batch.Lengths.AsSpan(0, batch.Rows).CopyTo(alone.Lengths);
            return alone;
        }

        private static IEnumerable<int[]> Words(int count, RandomStream random) =>
            Enumerable.Range(0, count)
                .Select(_ => Enumerable.Range(0, 2 + random.NextInt32(Longest - 1)).Select(_ => 2 + random.NextInt32(Vocabulary - 2)).ToArray());
    }
}
