using System.Diagnostics;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Benchmarks.Scoring;

internal static class ProbeCommand
{
    public static void Run()
    {
        foreach (var rows in (int[])[16, 24, 32, 48, 64, 96, 128, 256])
        {
            var description = new NetworkDescription
            {
                Features = 8, Time = 50,
                Layers = [new RecurrentDescription("lstm_1", RecurrentCell.Lstm, 64), new PoolingDescription("pool_1", SequencePooling.Last)],
                Outputs = 5,
            };
            using var network = new Network(description, seed: 1);
            var head = new MulticlassHead(5);
            using var batch = new SequenceBatch();
            batch.Resize(rows, 50, 8);
            var random = new Random(1);
            foreach (ref var value in batch.Values!.Span) value = random.NextSingle();
            using var tape = new Tape { Recording = false };
            using var limit = Workers.Limit(1);
            var best = double.MaxValue;
            for (var repeat = 0; repeat < 30; repeat++)
            {
                var watch = Stopwatch.StartNew();
                for (var i = 0; i < 20; i++)
                {
                    head.Predict(tape, network.Forward(tape, batch));
                    tape.Reset();
                }
                best = Math.Min(best, watch.Elapsed.TotalSeconds / 20);
            }
            Console.WriteLine($"{rows}: {best * 1e6:f0} us, {rows / best / 1000:f1} k rows/s");
        }
    }
}
