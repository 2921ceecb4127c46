using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.Recurrent.Autograd.Operations;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Core.Tests.Training;

/// <summary>
/// Runs the test assembly as a program: trains a small network with checkpoints, resumes after a kill, and prints a digest of its weights, its loss history and
/// the next random numbers.
/// </summary>
internal static class TrainingProcess
{
    public const string Ready = "training";

    /// <summary>
    /// Arguments: folder of the checkpoint, threads, and whether to kill itself while a checkpoint is written ("no" or the number of the checkpoint).
    /// </summary>
    public static int Main(string[] arguments)
    {
        if (arguments is not [var folder, var threads, var killInWrite])
        {
            Console.Error.WriteLine("usage: FOLDER THREADS no|N");
            return 1;
        }

        if (int.TryParse(killInWrite, CultureInfo.InvariantCulture, out var count)) KillInWrite(Path.Combine(folder, Checkpoints.FileName), count);
        Console.WriteLine(Digest(folder, int.Parse(threads, CultureInfo.InvariantCulture)));
        return 0;
    }

    /// <summary>Trains in this process; without a folder, without checkpoints.</summary>
    public static string Digest(string? folder, int threads)
    {
        var body = SequenceNetwork.Create().Lstm(24, bidirectional: true).Dropout(0.3f).Gru(24);
        using var network = TrainingLoopTests.Build(body, outputs: 2);
        var settings = new TrainingSettings
        {
            Seed = 17, MaximumNumberOfEpochs = 6, LearningRate = 0.01f, Threads = threads, BatchesPerUpdate = 2, EmaDecay = 0.9f,
            Optimizer = OptimizerKind.NAdam,
            Schedule = LearningRateSchedule.ReduceOnPlateau(0.5f, patience: 0).WithWarmup(20), CheckpointFolder = folder, CheckpointEverySteps = 1,
            Resume = true,
        };
        var watcher = new Watcher();
        var loop = new TrainingLoop(network, new ClassHead(2), settings) { Callbacks = [watcher] };
        var history = loop.Run(new TestBatches(TestBatches.Sums(200, 24, varying: true), 8), new TestBatches(TestBatches.Sums(50, seed: 9), 50));

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var parameter in network.Parameters) hash.AppendData(MemoryMarshal.AsBytes(parameter.Value.Span));
        foreach (var epoch in history.Epochs)
            hash.AppendData(MemoryMarshal.AsBytes<double>(new[] { epoch.Loss, epoch.ValidationLoss!.Value, epoch.LearningRate }));
        hash.AppendData(BitConverter.GetBytes(history.BestEpoch));

        // The next random numbers of dropout.
        var mask = new float[64];
        DropoutOperation.FillMask(mask, 0.5f, settings.Seed, watcher.RandomStreams);
        hash.AppendData(MemoryMarshal.AsBytes<float>(mask));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    // SIGKILL between the first byte of a checkpoint and its renaming.
    private static void KillInWrite(string checkpoint, int count)
    {

        new Thread(() =>
        {
            for (var seen = false; ;)
            {
                var there = Directory.GetFiles(Path.GetDirectoryName(checkpoint)!, Path.GetFileName(checkpoint) + ".*.tmp").Length > 0;
                if (there && !seen && --count == 0) System.Diagnostics.Process.GetCurrentProcess().Kill();
                seen = there;
            }
        })
        { IsBackground = true }.Start();
    }

    private sealed class Watcher : TrainingCallback
    {
        private bool _ready;

        public ulong RandomStreams { get; private set; }

        public override void BatchEnded(TrainingRun run)
        {
            if (!_ready) Console.WriteLine(Ready);
            _ready = true;
        }

        public override void RunEnded(TrainingRun run) => RandomStreams = run.RandomStreams;
    }
}
