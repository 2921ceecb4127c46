using System.Diagnostics;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Core.Tests.Training;

[TestClass]
public class CheckpointTests
{
    private const int Kills = 20;

    /// <summary>
    /// Kills a real process (SIGKILL) repeatedly, at random moments and while checkpoints are written; the final weights equal those of the uninterrupted run
    /// by SHA-256.
    /// </summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void A_run_that_was_killed_ends_in_the_same_bits(int threads)
    {
        var expected = TrainingProcess.Digest(null, threads);
        var (random, insideWriting, folder) = (new RandomStream(5, (ulong)threads), 0, Temporary());
        try
        {
            var kills = 0;
            for (var attempt = 0; kills < Kills; attempt++)
            {
                NumberAssert.IsLessThan(10 * Kills, attempt, "the run ends before it can be killed");
                using var process = Start(folder, threads, attempt % 4 == 3 ? (1 + random.NextInt32(3)).ToString() : "no");
                if (attempt % 4 != 3)
                {
                    process.StandardOutput.ReadLine();
                    Thread.Sleep(random.NextInt32(25));
                    process.Kill();
                }

                process.WaitForExit();
                if (process.ExitCode == 0)
                {
                    // The process finished first: the next round starts again.
                    Directory.Delete(folder, recursive: true);
                    Directory.CreateDirectory(folder);
                    continue;
                }

                kills++;
                if (Directory.GetFiles(folder, Checkpoints.FileName + ".*.tmp").Length > 0) insideWriting++;
            }

            using var last = Start(folder, threads, "no");
            var output = last.StandardOutput.ReadToEnd();
            last.WaitForExit();
            Assert.AreEqual(0, last.ExitCode, last.StandardError.ReadToEnd());
            Assert.AreEqual(expected, output.Trim().Split('\n')[^1]);
            NumberAssert.IsGreaterThan(0, insideWriting, "kills inside the writing of a checkpoint");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void A_run_that_was_cancelled_in_its_validation_goes_on_with_it()
    {
        var (whole, folder) = (Run(null, cancelAt: 0), Temporary());
        try
        {
            // In the validations (of two batches) of the first and of the third epoch.
            var (first, third) = (Run(folder, cancelAt: 1), Run(folder, cancelAt: 5));
            Assert.AreEqual((TrainingEnd.Cancelled, 0), (first.History.End, first.History.Epochs.Length));
            Assert.AreEqual((TrainingEnd.Cancelled, 2), (third.History.End, third.History.Epochs.Length));
            var last = Run(folder, cancelAt: 0);
            CollectionAssert.AreEqual(whole.Weights, last.Weights);
            CollectionAssert.AreEqual(whole.History.Epochs.Select(epoch => (epoch.Loss, epoch.ValidationLoss)).ToArray(),
                last.History.Epochs.Select(epoch => (epoch.Loss, epoch.ValidationLoss)).ToArray());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static (float[] Weights, TrainingHistory History) Run(string? folder, int cancelAt)
        {
            using var cancellation = new CancellationTokenSource();
            var calls = 0;
            var validation = new TestBatches(TestBatches.Sums(32, seed: 9), 16)
            {
                OnBatch = (_, _) =>
                {
                    if (++calls == cancelAt) cancellation.Cancel();
                },
            };
            using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Gru(6).Dropout(0.2f), outputs: 2);
            var history = new TrainingLoop(network, new ClassHead(2),
                new TrainingSettings { Seed = 3, MaximumNumberOfEpochs = 5, EmaDecay = 0.9f, CheckpointFolder = folder, Resume = folder is not null })
                .Run(new TestBatches(TestBatches.Sums(64), 16), validation, cancellation: cancellation.Token);
            return (TrainingLoopTests.Weights(network), history);
        }
    }

    [TestMethod]
    public void A_cancelled_run_goes_on_where_it_stopped()
    {
        var (whole, folder) = (Train(null, CancelAt: null, resume: false), Temporary());
        try
        {
            foreach (var batch in new[] { 3, 7, 12 }) Train(folder, batch, resume: true);
            CollectionAssert.AreEqual(whole.Weights, Train(folder, CancelAt: null, resume: true).Weights);
            var again = Train(folder, CancelAt: null, resume: true);
            CollectionAssert.AreEqual(whole.Weights, again.Weights);
            CollectionAssert.AreEqual(whole.History.Epochs.Select(epoch => epoch.ValidationLoss).ToArray(),
                again.History.Epochs.Select(epoch => epoch.ValidationLoss).ToArray());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Without_resume_a_run_begins_anew()
    {
        var folder = Temporary();
        try
        {
            Train(folder, CancelAt: 5, resume: false);
            CollectionAssert.AreEqual(Train(null, null, resume: false).Weights, Train(folder, null, resume: false).Weights);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Damaged_and_foreign_checkpoints_are_named()
    {
        var folder = Temporary();
        var path = Path.Combine(folder, Checkpoints.FileName);
        try
        {
            Train(folder, null, resume: false);
            var whole = File.ReadAllBytes(path);
            StringAssert.Contains(Assert.Throws<InvalidDataException>(() => Train(folder, null, resume: true, hidden: 9)).Message, "lstm_1.weight_ih");
            StringAssert.Contains(Assert.Throws<InvalidDataException>(() => Train(folder, null, resume: true, seed: 9)).Message, "seed 17");

            File.WriteAllBytes(path, whole[..^100]);
            StringAssert.Contains(Assert.Throws<InvalidDataException>(() => Train(folder, null, resume: true)).Message, path);
            whole[whole.Length / 2] ^= 1;
            File.WriteAllBytes(path, whole);
            StringAssert.Contains(Assert.Throws<InvalidDataException>(() => Train(folder, null, resume: true)).Message, "damaged");
            File.WriteAllText(path, "nothing of the kind, but long enough to hold a signature and a digest");
            StringAssert.Contains(Assert.Throws<InvalidDataException>(() => Train(folder, null, resume: true)).Message, "not a checkpoint");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void A_failed_write_leaves_the_former_file()
    {
        var folder = Temporary();
        var path = Path.Combine(folder, "file");
        try
        {
            CheckpointFile.Write(path, writer => writer.Write(42));
            Assert.Throws<IOException>(() => CheckpointFile.Write(path, writer =>
            {
                writer.Write(43);
                throw new IOException("disk full");
            }));
            CheckpointFile.Read(path, reader => Assert.AreEqual(42, reader.ReadInt32()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void A_checkpoint_that_cannot_be_written_costs_nothing_but_itself()
    {
        var folder = Temporary();
        try
        {
            var (expected, whole) = Train(null, null, resume: false);
            // A folder in the place of the file: renaming fails, whoever the user is.
            Directory.CreateDirectory(Path.Combine(folder, Checkpoints.FileName, "inside"));
            List<string> warnings = [];
            var (weights, history) = Train(folder, null, resume: false, warning: warnings.Add);
            CollectionAssert.AreEqual(expected, weights);
            Assert.AreEqual(whole.BestEpoch, history.BestEpoch);
            // Each write is tried; who listens gives the first warning alone.
            NumberAssert.IsGreaterThan(1, warnings.Count);
            StringAssert.Contains(warnings[0], Path.Combine(folder, Checkpoints.FileName));
            Assert.IsEmpty(Directory.GetFiles(folder), "temporary files and the lock are gone");

            // The same where the folder itself cannot be made, because a file stands there.
            var blocked = Path.Combine(folder, "file");
            File.WriteAllText(blocked, "");
            warnings.Clear();
            CollectionAssert.AreEqual(expected, Train(Path.Combine(blocked, "run"), null, resume: false, warning: warnings.Add).Weights);
            NumberAssert.IsGreaterThan(1, warnings.Count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void A_folder_is_held_by_one_run()
    {
        var folder = Temporary();
        try
        {
            var inside = false;
            Train(folder, null, resume: false, batchEnded: () =>
            {
                if (inside) return;
                inside = true;
                var message = Assert.ThrowsExactly<InvalidOperationException>(() => Train(folder, null, resume: false)).Message;
                StringAssert.Contains(message, $"Another run writes its checkpoints to the folder '{folder}'");
            });
            Assert.IsTrue(inside);
            // And by the next one when it has ended.
            Train(folder, null, resume: true);
            CollectionAssert.AreEqual(new[] { Path.Combine(folder, Checkpoints.FileName) }, Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Batches_put_together_give_the_gradient_of_a_large_batch()
    {
        var (together, apart) = (Weights(32, 1), Weights(8, 4));
        for (var i = 0; i < together.Length; i++) Assert.AreEqual(together[i], apart[i], 2e-5f);

        static float[] Weights(int batchSize, int batchesPerUpdate)
        {
            using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Gru(6), outputs: 2);
            var settings = new TrainingSettings
            {
                Seed = 3, MaximumNumberOfEpochs = 2, BatchesPerUpdate = batchesPerUpdate, Optimizer = OptimizerKind.Sgd,
                LearningRate = 0.1f
            };

            // 72 examples: the last update of an epoch has fewer batches. The order of examples depends on the seed only.
            new TrainingLoop(network, new ClassHead(2), settings).Run(new TestBatches(TestBatches.Sums(72), batchSize));
            return TrainingLoopTests.Weights(network);
        }
    }

    [TestMethod]
    public void Penalties_and_clipping_shrink_what_they_should()
    {
        var plain = Norm(new TrainingSettings { Seed = 3, MaximumNumberOfEpochs = 3 });
        NumberAssert.IsLessThan(0.99 * plain,
            Norm(new TrainingSettings { Seed = 3, MaximumNumberOfEpochs = 3, Optimizer = OptimizerKind.AdamW, WeightDecay = 1 }));
        NumberAssert.IsLessThan(plain, Norm(new TrainingSettings { Seed = 3, MaximumNumberOfEpochs = 3, L1Regularization = 0.1f }));

        // Plain gradient descent with gradients of at most 1e-6 per element changes weights by at most rate x steps x 1e-6.
        using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Gru(6), outputs: 2);
        var before = TrainingLoopTests.Weights(network);
        var clipped = new TrainingSettings { Seed = 3, MaximumNumberOfEpochs = 1, Optimizer = OptimizerKind.Sgd, LearningRate = 1, GradientClipValue = 1e-6f };
        new TrainingLoop(network, new ClassHead(2), clipped).Run(new TestBatches(TestBatches.Sums(64), 32));
        var after = TrainingLoopTests.Weights(network);
        Assert.IsTrue(before.Zip(after, (a, b) => Math.Abs(a - b)).Max() is > 1e-7f and < 2.5e-6f);

        static double Norm(TrainingSettings settings)
        {
            using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Gru(6), outputs: 2);
            new TrainingLoop(network, new ClassHead(2), settings).Run(new TestBatches(TestBatches.Sums(64), 16));
            return Math.Sqrt(network.Parameters.Where(p => p.Trainable && p.Shape.Rank > 1).Sum(p => p.Value.Span.ToArray().Sum(w => (double)w * w)));
        }
    }

    [TestMethod]
    public void The_average_of_weights_is_what_remains()
    {
        var (plain, averaged) = (Weights(null), Weights(0.99f));
        CollectionAssert.AreNotEqual(plain, averaged);
        NumberAssert.IsLessThan(0.5, plain.Zip(averaged, (a, b) => Math.Abs(a - b)).Max());

        static float[] Weights(float? decay)
        {
            using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Gru(6), outputs: 2);
            new TrainingLoop(network, new ClassHead(2), new TrainingSettings { Seed = 3, MaximumNumberOfEpochs = 3, EmaDecay = decay })
                .Run(new TestBatches(TestBatches.Sums(64), 16));
            return TrainingLoopTests.Weights(network);
        }
    }

    private static (float[] Weights, TrainingHistory History) Train(string? folder, int? CancelAt, bool resume, int hidden = 8, ulong seed = 17,
        Action<string>? warning = null, Action? batchEnded = null)
    {
        using var cancellation = new CancellationTokenSource();
        var calls = 0;
        var train = new TestBatches(TestBatches.Sums(64), 16)
        {
            OnBatch = (_, _) =>
            {
                if (++calls == CancelAt) cancellation.Cancel();
                batchEnded?.Invoke();
            },
        };
        using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Lstm(hidden).Dropout(0.2f), outputs: 2);
        var settings = new TrainingSettings { Seed = seed, MaximumNumberOfEpochs = 8, CheckpointFolder = folder, Resume = resume, LearningRate = 0.01f };
        var history = new TrainingLoop(network, new ClassHead(2), settings) { CheckpointWarning = warning }.Run(train,
            new TestBatches(TestBatches.Sums(32, seed: 9), 32),
            cancellation: cancellation.Token);
        return (TrainingLoopTests.Weights(network), history);
    }

    private static Process Start(string folder, int threads, string killInWrite)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
            ArgumentList = { "exec", typeof(TrainingProcess).Assembly.Location, folder, threads.ToString(), killInWrite },
        };
        return Process.Start(start)!;
    }

    private static string Temporary() => Directory.CreateTempSubdirectory("recurrent-checkpoint-").FullName;
}
