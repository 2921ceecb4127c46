using Microsoft.ML.Recurrent.Tensors;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>The native memory of a fit: that of a training batch, whatever other batches come.</summary>
[TestClass]
[DoNotParallelize]
public sealed class FitMemoryTests
{
    private sealed class Row
    {
        public string Series { get; set; } = "";
        public float Value { get; set; }
    }

    [TestMethod]
    public void Last_batches_and_validation_use_the_buffers_of_training()
    {
        var context = new MLContext(1);
        var random = new Random(2);
        var data = context.Data.LoadFromEnumerable(Enumerable.Range(0, 20 * 700).Select(i => new Row
        {
            Series = $"{i / 700}",
            Value = MathF.Sin(i * MathF.Tau / 24) + random.NextSingle(),
        }).ToArray());
        List<(long Held, long Most)> epochs = [];
        var options = new RecurrentForecastingEstimator.Options
        {
            Input = new SeriesInputOptions { InputColumnName = "Value", SeriesColumnNames = ["Series"], WindowSize = 168, TrainingStride = 17 },
            Horizon = 24,
            Seed = 1,
            NumberOfThreads = 1,
            Optimizer = { BatchSize = 64 },
            Stopping = { MaximumNumberOfEpochs = 2 },
        };
        options.Logging.Progress = new Watcher(progress =>
        {
            if (progress.EpochEnded) epochs.Add((BufferPool.Shared.BytesHeld, BufferPool.Shared.PeakBytesRented));
        });
        BufferPool.Shared.Trim();
        var before = BufferPool.Shared.BytesHeld;
        BufferPool.Shared.PeakBytesRented = BufferPool.Shared.BytesRented;
        context.Forecasting.ForecastByRecurrentNetwork(options).Fit(data);
        Assert.HasCount(2, epochs);
        // A batch of training keeps more than the 4 gates of 64 units of its steps, as Singles.
        NumberAssert.IsGreaterThan(64 * 168 * 256 * 4, epochs[1].Most);
        foreach (var (held, most) in epochs) NumberAssert.IsLessThanOrEqualTo(1.3 * most, (double)held, $"{held} bytes held, {most} rented at once");
        // What networks of other tests held may have been given back meanwhile, when the garbage collector found them.
        NumberAssert.IsLessThanOrEqualTo(before, BufferPool.Shared.BytesHeld);
    }

    private sealed class Watcher(Action<TrainingProgress> watch) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => watch(value);
    }
}
