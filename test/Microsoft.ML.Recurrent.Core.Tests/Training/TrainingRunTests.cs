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

    /// <summary>100 epochs of 10 batches of 1 s, of which the time allows 40 s; a validation takes 5 s.</summary>
    [TestMethod]
    public void A_schedule_ends_with_the_maximum_time_and_leaves_time_for_a_validation()
    {
        var clock = new Clock();
        using var network = TrainingLoopTests.Build(TrainingLoopTests.Body().Lstm(2), outputs: 2);
        var settings = new TrainingSettings
        {
            Seed = 1, MaximumNumberOfEpochs = 100, MaximumTrainingTime = TimeSpan.FromSeconds(40), LearningRate = 1, Schedule = LearningRateSchedule.Cosine(),
        };
        var run = new TrainingRun(network, settings, batchesPerEpoch: 10, clock);
        List<double> rates = [];
        run.BeginEpoch();
        while (!run.IsTimeOver)
        {
            if (run.Batch == 10)
            {
                run.EndTraining();
                clock.Seconds += 5;
                run.EndEpoch(1);
                run.BeginEpoch();
            }
            rates.Add(run.NextRate());
            clock.Seconds++;
            run.EndUpdate(1);
            run.EndBatch(1, 1, 1);
            NumberAssert.IsLessThanOrEqualTo(40 - run.Elapsed.TotalSeconds, run.Remaining?.TotalSeconds ?? 0);
        }
        Assert.AreEqual(35, run.Elapsed.TotalSeconds);
        Assert.HasCount(25, rates);
        Assert.AreEqual(1, rates[0], 1e-9);
        for (var i = 1; i < rates.Count; i++) NumberAssert.IsLessThan(rates[i - 1], rates[i]);
        // The share of the time at the last update: 34 of 40 s.
        Assert.AreEqual((1 + Math.Cos(Math.PI * 34 / 40)) / 2, rates[^1], 0.02);
    }

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
