using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Core.Tests.Training;

[TestClass]
public sealed class TrainingRunTests
{
    /// <summary>A first batch of 100 s, in which code is compiled, and others of 1 s.</summary>
    [TestMethod]
    public void The_remaining_time_leaves_the_first_batch_out()
    {
        var clock = new Clock();
        using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Lstm(2), outputs: 2);
        var run = new TrainingRun(network, new TrainingSettings { Seed = 1, MaximumNumberOfEpochs = 3 }, batchesPerEpoch: 4, clock);
        Assert.IsNull(run.Remaining);
        run.BeginEpoch();
        Batch(100);
        Assert.IsNull(run.Remaining);
        for (var left = 10; left > 0; left--)
        {
            if (run.Batch == 4)
            {
                EndEpoch();
                run.BeginEpoch();
            }
            Batch(1);
            Assert.AreEqual(left, run.Remaining!.Value.TotalSeconds, 1e-6);
        }
        Assert.AreEqual(110, run.Elapsed.TotalSeconds, 1e-6);

        void Batch(int seconds)
        {
            clock.Seconds += seconds;
            run.EndBatch(1, 1, 1);
        }

        void EndEpoch()
        {
            run.EndTraining();
            run.EndEpoch(null);
        }
    }

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
