using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Training;

[TestClass]
public class TrainingLoopTests
{
    private static readonly TrainingSettings s_settings = new() { Seed = 17, MaximumNumberOfEpochs = 4, LearningRate = 0.01f };

    [TestMethod]
    [DataRow(OptimizerKind.Adam, 0.01f, 0f)]
    [DataRow(OptimizerKind.Sgd, 0.1f, 0.9f)]
    public void Learns_what_can_be_learned(OptimizerKind optimizer, float learningRate, float momentum)
    {
        using var network = Build(Body().Lstm(16), outputs: 2);
        var settings = s_settings with
        {
            MaximumNumberOfEpochs = 12,
            EarlyStoppingPatience = 12,
            Optimizer = optimizer,
            LearningRate = learningRate,
            Momentum = momentum
        };
        var loop = new TrainingLoop(network, new ClassHead(2), settings);
        var history = loop.Run(new TestBatches(TestBatches.Sums(512), 32), new TestBatches(TestBatches.Sums(128, seed: 9), 64));
        NumberAssert.IsLessThan(0.2, history.Epochs[history.BestEpoch - 1].ValidationLoss!.Value);
        Assert.AreEqual(TrainingEnd.Completed, history.End);
        Assert.HasCount(12, history.Epochs);
    }

    [TestMethod]
    public void Every_form_of_network_can_learn_one_batch_by_heart()
    {
        var forms = new Dictionary<string, SequenceNetwork>
        {
            ["rnn"] = Body().SimpleRnn(16),
            ["relu rnn"] = Body().SimpleRnn(16, activation: RecurrentActivation.Relu),
            ["lstm"] = Body().Lstm(16),
            ["gru"] = Body().Gru(16),
            ["bidirectional lstm, mean"] = Body().Lstm(8, bidirectional: true).Pool(SequencePooling.Mean),
            ["bidirectional gru, max"] = Body().Gru(8, bidirectional: true).Pool(SequencePooling.Max),
            ["bidirectional gru, last"] = Body().Gru(8, bidirectional: true).Pool(SequencePooling.Last),
            ["stack"] = Body().Lstm(12).Gru(12, bidirectional: true).SimpleRnn(12),
            ["dense before and after"] = Body().Dense(8, DenseActivation.Tanh).Lstm(12).Pool(SequencePooling.Mean).Dense(16),
        };
        foreach (var (name, body) in forms)
        {
            using var network = Build(body, outputs: 2, statics: 1);
            AssertLearnsByHeart(name, network, TestBatches.Sums(16, varying: true, statics: 1));
        }

        using var tokens = Build(Body().Embedding(8).Lstm(16), outputs: 2, vocabulary: 9);
        AssertLearnsByHeart("embedding", tokens, TestBatches.Sums(16, varying: true, vocabulary: 9));
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_bits_whatever_the_number_of_threads()
    {
        var one = Train(threads: 1);
        CollectionAssert.AreEqual(one, Train(threads: 1));
        CollectionAssert.AreEqual(one, Train(threads: 2));
        CollectionAssert.AreEqual(one, Train(threads: 5));
        CollectionAssert.AreNotEqual(one, Train(threads: 1, seed: 18));

        static float[] Train(int threads, ulong seed = 17)
        {
            var before = Workers.Threads;
            Workers.Threads = Math.Max(before, threads);
            try
            {
                using var network = Build(Body().Lstm(40, bidirectional: true).Dropout(0.3f).Gru(33), outputs: 2, seed: seed);
                new TrainingLoop(network, new ClassHead(2), s_settings with { Threads = threads, Seed = seed, MaximumNumberOfEpochs = 2 })
                    .Run(new TestBatches(TestBatches.Sums(150, 20, varying: true), 64));
                return Weights(network);
            }
            finally
            {
                Workers.Threads = before;
            }
        }
    }

    [TestMethod]
    public void Early_stopping_restores_the_best_weights()
    {
        using var network = Build(Body().Lstm(24), outputs: 2);
        var validation = new TestBatches(TestBatches.Sums(64, seed: 9), 64);

        // The network overfits random labels, so the validation loss increases again.
        var random = TestBatches.Sums(48).Select((example, i) => example with { Label = i % 2 }).ToArray();
        var loop = new TrainingLoop(network, new ClassHead(2),
            s_settings with { MaximumNumberOfEpochs = 200, EarlyStoppingPatience = 3, LearningRate = 0.02f });
        var history = loop.Run(new TestBatches(random, 16), validation);

        Assert.AreEqual(TrainingEnd.EarlyStopping, history.End);
        Assert.AreEqual(history.BestEpoch + 3, history.Epochs.Length);
        var best = history.Epochs.Min(epoch => epoch.ValidationLoss)!.Value;
        Assert.AreEqual(best, history.Epochs[history.BestEpoch - 1].ValidationLoss);
        Assert.AreEqual(best, loop.Evaluate(validation));
    }

    [TestMethod]
    public void Small_improvements_do_not_renew_patience()
    {
        using var network = Build(Body().Lstm(8), outputs: 2);
        var data = new TestBatches(TestBatches.Sums(64), 16);
        var settings = s_settings with { MaximumNumberOfEpochs = 50, EarlyStoppingPatience = 2, EarlyStoppingMinimumChange = 0.5, LearningRate = 1e-4f };
        var history = new TrainingLoop(network, new ClassHead(2), settings).Run(data, new TestBatches(TestBatches.Sums(64), 64));
        Assert.AreEqual(TrainingEnd.EarlyStopping, history.End);
        Assert.HasCount(3, history.Epochs);
        Assert.AreEqual(3, history.BestEpoch);
    }

    /// <summary>A lucky epoch ends training by the losses themselves; their average still falls. A checkpoint holds the average.</summary>
    [TestMethod]
    [DataRow(0.0, 7)]
    [DataRow(0.8, 10)]
    public void Patience_waits_for_the_smoothed_loss(double smoothing, int end)
    {
        double[] losses = [1, 0.9, 0.8, 0.55, 0.75, 0.74, 0.7, 0.99, 0.99, 0.99, 0.99];
        using var network = Build(Body().Lstm(2), outputs: 2);
        foreach (var saved in new[] { 0, 5 })
        {
            var (stopping, run) = (new EarlyStopping(3, 0, smoothing: smoothing), new TrainingRun(network, s_settings, 1));
            foreach (var loss in losses)
            {
                run.BeginEpoch();
                run.EndTraining();
                run.EndEpoch(loss);
                stopping.EpochEnded(run);
                if (run.End is not null) break;
                if (run.Epoch != saved) continue;
                using var file = new MemoryStream();
                stopping.Save(new(file));
                stopping.Dispose();
                file.Position = 0;
                stopping = new EarlyStopping(3, 0, smoothing: smoothing);
                stopping.Load(new(file), run);
            }
            Assert.AreEqual((TrainingEnd.EarlyStopping, end, 4), (run.End!.Value, run.Epoch, run.BestEpoch), $"saved after epoch {saved}");
            stopping.Dispose();
        }
    }

    [TestMethod]
    public void Cancellation_keeps_the_best_model_so_far()
    {
        using var cancellation = new CancellationTokenSource();
        var (calls, validation) = (0, new TestBatches(TestBatches.Sums(64, seed: 9), 64));
        var train = new TestBatches(TestBatches.Sums(64), 16) { OnBatch = (_, _) => { if (++calls == 11) cancellation.Cancel(); } };
        using var network = Build(Body().Lstm(8), outputs: 2);
        var loop = new TrainingLoop(network, new ClassHead(2), s_settings with { MaximumNumberOfEpochs = 100 });
        var history = loop.Run(train, validation, cancellation: cancellation.Token);
        Assert.AreEqual(TrainingEnd.Cancelled, history.End);
        Assert.HasCount(2, history.Epochs);
        Assert.AreEqual(11, calls);
        Assert.AreEqual(history.Epochs[history.BestEpoch - 1].ValidationLoss, loop.Evaluate(validation));
    }

    /// <summary>A validation of many batches ends with the current one, as does a source that reads rows; the epoch before it is the best.</summary>
    [TestMethod]
    [DataRow(true, false)]
    [DataRow(true, true)]
    [DataRow(false, true)]
    public void Cancellation_ends_a_pass_within_a_batch(bool validating, bool throws)
    {
        using var cancellation = new CancellationTokenSource();
        var calls = 0;
        void Cancel(int batch, SequenceBatch _)
        {
            // The second batch of the third epoch: of 4 of training, of 8 of validation.
            if (++calls != (validating ? 18 : 10)) return;
            cancellation.Cancel();
            if (throws) cancellation.Token.ThrowIfCancellationRequested();
        }
        TestBatches Validation(Action<int, SequenceBatch>? seen) => new(TestBatches.Sums(64, seed: 9), 8) { OnBatch = seen };
        var train = new TestBatches(TestBatches.Sums(64), 16) { OnBatch = validating ? null : Cancel };
        using var network = Build(Body().Lstm(8), outputs: 2);
        var loop = new TrainingLoop(network, new ClassHead(2), s_settings with { MaximumNumberOfEpochs = 100 });
        var history = loop.Run(train, Validation(validating ? Cancel : null), cancellation: cancellation.Token);
        Assert.AreEqual(TrainingEnd.Cancelled, history.End);
        Assert.HasCount(2, history.Epochs);
        Assert.AreEqual(validating ? 18 : 10, calls);
        Assert.AreEqual(history.Epochs[history.BestEpoch - 1].ValidationLoss, loop.Evaluate(Validation(null)));
    }

    [TestMethod]
    public void A_non_finite_loss_names_the_batch_the_layers_and_the_remedy()
    {
        using var network = Build(Body().SimpleRnn(8, activation: RecurrentActivation.Relu), outputs: 2);
        var settings = s_settings with { Optimizer = OptimizerKind.Sgd, LearningRate = 1e25f, GradientClipNorm = float.PositiveInfinity };
        var error = Assert.Throws<TrainingDivergedException>(
            () => new TrainingLoop(network, new NumberHead(2), settings).Run(new TestBatches(TestBatches.Sums(64), 16)));
        foreach (var part in new[] { "epoch 1, batch 2 of 4", "rnn_1 ", "head ", "Optimizer.Gradients.ClipNorm", "learning rate" })
            Assert.Contains(part, error.Message);
    }

    [TestMethod]
    public void Missing_values_in_a_batch_are_named_as_the_cause()
    {
        using var network = Build(Body().Lstm(8), outputs: 2);
        var train = new TestBatches(TestBatches.Sums(64), 16) { OnBatch = (i, batch) => { if (i == 2) batch.Values![0] = float.NaN; } };
        var error = Assert.Throws<TrainingDivergedException>(() => new TrainingLoop(network, new ClassHead(2), s_settings).Run(train));
        foreach (var part in new[] { "epoch 1, batch 3 of 4", "sequences hold NaN", "lstm_1 " }) Assert.Contains(part, error.Message);
    }

    [TestMethod]
    public void Progress_tells_every_epoch_and_comes_to_its_end()
    {
        var reports = new List<TrainingProgress>();
        using var network = Build(Body().Lstm(8), outputs: 2);
        var history = new TrainingLoop(network, new ClassHead(2), s_settings).Run(new TestBatches(TestBatches.Sums(64), 16),
            new TestBatches(TestBatches.Sums(64), 64), new Collector(reports));
        var ends = reports.Where(report => report.EpochEnded).ToArray();
        CollectionAssert.AreEqual(new[] { 1, 2, 3, 4 }, ends.Select(report => report.Epoch).ToArray());
        Assert.IsFalse(reports[0].EpochEnded);
        Assert.AreEqual((4, 4), (ends[^1].Batch, ends[^1].BatchesPerEpoch));
        Assert.AreEqual(TimeSpan.Zero, ends[^1].Remaining);
        Assert.IsTrue(reports.All(report => report.SequencesPerSecond > 0 && double.IsFinite(report.Loss)));
        CollectionAssert.AreEqual(history.Epochs.Select(epoch => epoch.Loss).ToArray(), ends.Select(report => report.Loss).ToArray());
        Assert.AreEqual(history.Epochs.Min(epoch => epoch.ValidationLoss), ends[^1].BestValidationLoss);
    }

    [TestMethod]
    public void Empty_sets_are_refused()
    {
        using var network = Build(Body().Lstm(4), outputs: 2);
        var loop = new TrainingLoop(network, new ClassHead(2), s_settings);
        Assert.Contains("no examples", Assert.Throws<InvalidOperationException>(() => loop.Run(new TestBatches([], 4))).Message);
        Assert.Contains("no examples",
            Assert.Throws<InvalidOperationException>(() => loop.Run(new TestBatches(TestBatches.Sums(4), 4), new TestBatches([], 4))).Message);
    }

    internal static SequenceNetwork Body() => SequenceNetwork.Create();

    internal static Network Build(SequenceNetwork body, int outputs, int features = 2, int vocabulary = 0, int statics = 0, ulong seed = 17) =>
        new(new NetworkDescription
        {
            Features = vocabulary > 0 ? 0 : features, Vocabulary = vocabulary, Statics = statics, Layers = body.Layers(), Outputs = outputs,
        }, seed);

    internal static float[] Weights(Network network) => [.. network.Parameters.SelectMany(parameter => parameter.Value.Span.ToArray())];

    internal static void AssertLearnsByHeart(string name, Network network, Example[] examples, ClassHead? head = null)
    {
        var loop = new TrainingLoop(network, head ?? new ClassHead(2), s_settings with { MaximumNumberOfEpochs = 400, LearningRate = 0.02f });
        var data = new TestBatches(examples, examples.Length);
        loop.Run(data);
        NumberAssert.IsLessThan(0.01, loop.Evaluate(data), name);
    }

    private sealed class Collector(List<TrainingProgress> reports) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => reports.Add(value);
    }
}
