using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>A token that is canceled beside the training of a forecaster: before the first batch, and when intervals are calibrated.</summary>
[TestClass]
public sealed class CancellationTests
{
    private const int Window = 24, Horizon = 4, Rows = 6000, Quick = 256;

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public float Value { get; set; }
    }

    private static IDataView Noise(MLContext context, bool doubled)
    {
        var random = new Random(1);
        return context.Data.LoadFromEnumerable(Enumerable.Range(0, Rows).Select(i => new Row
        {
            Time = new DateTime(2026, 1, 1).AddHours(doubled && i == Rows - 1 ? i - 1 : i),
            Value = (float)(10 + random.NextDouble() + random.NextDouble()),
        }).ToArray());
    }

    private static RecurrentForecastingTransformer Fit(MLContext context, bool doubled, CancellationTokenSource cancellation,
        Action<TrainingProgress>? report = null) => context.Forecasting.ForecastByRecurrentNetwork(new()
        {
            Input = new SeriesInputOptions { InputColumnName = "Value", TimeColumnName = "Time", WindowSize = Window },
            Horizon = Horizon,
            Network = { HiddenSize = 2 },
            Stopping = { MaximumNumberOfEpochs = 1 },
            Seed = 1,
            CancellationToken = cancellation.Token,
            Logging = { Progress = report is null ? null : new Reports(report) },
            Decoding = { ShrinkTowardNaive = true },
            Output = { ConfidenceLowerBoundColumn = "Lower", ConfidenceUpperBoundColumn = "Upper", ConfidenceLevel = 0.9f },
        }).Fit(Noise(context, doubled));

    [TestMethod]
    public void After_training_a_batch_of_windows_gives_the_bounds()
    {
        var context = new MLContext(1);
        using var none = new CancellationTokenSource();
        using var whole = Fit(context, doubled: false, none);
        NumberAssert.IsGreaterThan(2 * Quick, whole.Model.Manifest.Forecast!.CalibrationCount);

        using var cancellation = new CancellationTokenSource();
        using var quick = Fit(context, doubled: false, cancellation, progress =>
        {
            if (progress.End is not null) cancellation.Cancel();
        });
        Assert.AreEqual(TrainingEnd.Completed, quick.Model.History.End);
        var count = quick.Model.Manifest.Forecast!.CalibrationCount;
        NumberAssert.IsGreaterThan(Quick / 2, count);
        NumberAssert.IsLessThanOrEqualTo(Quick, count);
        // The sum of two uniform numbers lies within 1 +- .68 in nine of ten cases.
        var data = Noise(context, doubled: false);
        var (lower, upper) = (quick.Transform(data).GetColumn<float[]>("Lower").Last(), quick.Transform(data).GetColumn<float[]>("Upper").Last());
        for (var step = 0; step < Horizon; step++)
        {
            Assert.AreEqual(10.32f, lower[step], 0.25f);
            Assert.AreEqual(11.68f, upper[step], 0.25f);
        }
    }

    /// <summary>The warning of the time that comes twice is given when rows were read, before the weights of the linear skip are regressed.</summary>
    [TestMethod]
    public void Before_the_first_batch_there_is_no_model()
    {
        var context = new MLContext(1);
        using var cancellation = new CancellationTokenSource();
        context.Log += (_, line) =>
        {
            if (line.RawMessage.StartsWith("MLR1001", StringComparison.Ordinal)) cancellation.Cancel();
        };
        var reports = 0;
        Assert.Throws<OperationCanceledException>(() => Fit(context, doubled: true, cancellation, _ => reports++));
        Assert.IsTrue(cancellation.IsCancellationRequested);
        Assert.AreEqual(0, reports);
    }

    private sealed class Reports(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
