using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Training;

/// <summary>Per-step output, and states carried between pieces of long sequences.</summary>
[TestClass]
public class CarriedStateTests
{
    [TestMethod]
    [DataRow(RecurrentCell.SimpleRnn)]
    [DataRow(RecurrentCell.Lstm)]
    [DataRow(RecurrentCell.Gru)]
    [DataRow(RecurrentCell.MinimalGated)]
    public void Pieces_give_the_answers_of_the_whole(RecurrentCell cell)
    {
        using var network = Build(Body(cell).Dense(4, DenseActivation.Tanh), vocabulary: 5);
        using var tape = new Tape { Recording = false };
        using var state = new NetworkState();
        int[] text = [.. Enumerable.Range(0, 24).Select(i => i * i % 5)];
        var whole = Answers(0, 12, continues: false);
        CollectionAssert.AreEqual(whole,
            Answers(0, 5, continues: false).Concat(Answers(5, 1, continues: true)).Concat(Answers(6, 6, continues: true)).ToArray());
        CollectionAssert.AreEqual(whole, Answers(0, 12, continues: false));

        using var other = new SequenceBatch();
        other.Resize(3, 2, 0, tokens: true);
        other.ContinuesState = true;
        Assert.Contains("2 rows, but has 3", Assert.Throws<ArgumentException>(() => network.Forward(tape, other, new(state))).Message);

        float[] Answers(int from, int steps, bool continues)
        {
            using var batch = new SequenceBatch();
            batch.Resize(2, steps, 0, tokens: true);
            text.AsSpan(from * 2, steps * 2).CopyTo(batch.Tokens);
            batch.ContinuesState = continues;
            var values = network.Forward(tape, batch, new(state)).Values.Span.ToArray();
            tape.Reset();
            return values;
        }
    }

    /// <summary>
    /// Two numbers, then the same two again: a b a b c d c d. Pieces have two steps, so the number after the second a is known only from the previous piece.
    /// </summary>
    [TestMethod]
    public void What_lies_before_a_piece_is_learned_by_the_carried_state()
    {
        var random = new RandomStream(4);
        var text = new int[8000];
        for (var i = 0; i < text.Length; i++) text[i] = i % 4 < 2 ? random.NextInt32(4) : text[i - 2];

        // At best one step in two stays a guess among four with the state, three in four without it; how near 20-odd epochs come depends on the path's
        // rounding, so the middle divides them.
        var (with, without) = (Loss(carried: true), Loss(carried: false));
        NumberAssert.IsLessThan(0.625 * Math.Log(4), with);
        NumberAssert.IsGreaterThan(0.7 * Math.Log(4), without);

        double Loss(bool carried)
        {
            using var network = Build(SequenceNetwork.Create().Embedding(8).Gru(32), vocabulary: 4, seed: 2);
            var loop = new TrainingLoop(network, new StepHead(4), new TrainingSettings { Seed = 2, MaximumNumberOfEpochs = 24, LearningRate = 0.01f });
            loop.Run(new Text(text, rows: 8, steps: 2) { CarriesState = carried });
            return loop.Evaluate(new Text(text, rows: 8, steps: 2) { CarriesState = carried });
        }
    }

    [TestMethod]
    public void A_checkpoint_keeps_the_carried_state()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-state-").FullName;
        try
        {
            var text = Enumerable.Range(0, 300).Select(i => i * i % 7 % 4).ToArray();
            var whole = Train(null, null);
            Train(folder, cancelAt: 7);
            CollectionAssert.AreEqual(whole, Train(folder, null));

            float[] Train(string? checkpoints, int? cancelAt)
            {
                using var cancellation = new CancellationTokenSource();
                var calls = 0;
                using var network = Build(SequenceNetwork.Create().Embedding(4).Lstm(6).Gru(5), vocabulary: 4);
                var settings = new TrainingSettings { Seed = 2, MaximumNumberOfEpochs = 2, CheckpointFolder = checkpoints, Resume = true };
                new TrainingLoop(network, new StepHead(4), settings).Run(
                    new Text(text, rows: 4, steps: 5)
                    {
                        CarriesState = true, OnBatch = () =>
                        {
                            if (++calls == cancelAt)
                                cancellation.Cancel();
                        }
                    }, cancellation: cancellation.Token);
                return TrainingLoopTests.Weights(network);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Layers_that_cannot_go_on_are_named()
    {
        using var tape = new Tape { Recording = false };
        using var state = new NetworkState();
        using var batch = new SequenceBatch();
        batch.Resize(1, 2, 0, tokens: true);
        using var network = Build(SequenceNetwork.Create().Embedding(2).Lstm(3, bidirectional: true, name: "both"), vocabulary: 3);
        Assert.Contains("'both'", Assert.Throws<ArgumentException>(() => network.Forward(tape, batch, new(state))).Message);
        Assert.Contains("pooling",
            Assert.Throws<ArgumentException>(
                () => Build(SequenceNetwork.Create().Embedding(2).Lstm(3).Pool(SequencePooling.Last), 3, keepPooling: true)).Message);
    }

    private static SequenceNetwork Body(RecurrentCell cell) => SequenceNetwork.Create().Embedding(6).Recurrent(cell, 5).Recurrent(cell, 4);

    private static Network Build(SequenceNetwork body, int vocabulary, ulong seed = 1, bool keepPooling = false) => new(new NetworkDescription
    {
        Features = 0, Vocabulary = vocabulary, Outputs = vocabulary, PerStep = true,
        Layers = [.. body.Layers().Where(layer => keepPooling || layer is not PoolingDescription)],
    }, seed);

    /// <summary>The next class at each step.</summary>
    private sealed class StepHead(int classes) : Head
    {
        public override int Outputs => classes;

        public override Tensor Loss(Tape tape, in NetworkOutput output, SequenceBatch batch) =>
            ClassificationLosses.SoftmaxCrossEntropy(tape, output.Values, batch.StepLabels);

        public override IReadOnlyList<Tensor> Predict(Tape tape, in NetworkOutput output) => [output.Values];
    }

    /// <summary>A text in parallel rows, cut into pieces; each step's label is the next token.</summary>
    private sealed class Text(int[] tokens, int rows, int steps) : IBatchSource
    {
        private readonly int _length = (tokens.Length - 1) / rows / steps * steps;
        private int _next;

        public bool CarriesState { get; init; }

        public Action? OnBatch { get; init; }

        public long Count => rows;

        public int Batches => _length / steps;

        public void Begin(ulong? seed) => _next = 0;

        public bool Next(SequenceBatch batch)
        {
            if (_next >= _length) return false;
            batch.Resize(rows, steps, 0, tokens: true, stepLabels: true);
            for (var t = 0; t < steps; t++)
            {
                for (var row = 0; row < rows; row++)
                {
                    var at = row * (tokens.Length / rows) + _next + t;
                    (batch.Tokens![t * rows + row], batch.StepLabels![t * rows + row]) = (tokens[at], tokens[at + 1]);
                }
            }

            batch.ContinuesState = CarriesState && _next > 0;
            _next += steps;
            OnBatch?.Invoke();
            return true;
        }
    }
}
