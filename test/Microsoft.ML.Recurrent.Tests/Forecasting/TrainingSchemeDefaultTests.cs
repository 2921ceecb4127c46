using Microsoft.ML.Recurrent.Forecasting;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Tests.Forecasting;

/// <summary>When forecasters are trained on stretches by default.</summary>
[TestClass]
public sealed class TrainingSchemeDefaultTests
{
    private static readonly ForecasterFixture<Row, Answer> Forecaster = new(() => new()
    {
        Input = new SeriesInputOptions { InputColumnName = nameof(Row.Value), TimeColumnName = nameof(Row.Time), WindowSize = 24 },
        Horizon = 2,
        Network = { HiddenSize = 4 },
        Stopping = { MaximumNumberOfEpochs = 2 },
        Seed = 2,
    });

    // An epoch of windows has 517 thousand steps.
    private static readonly Row[] Many = Rows(24_000);

    private sealed class Row
    {
        public DateTime Time { get; set; }
        public float Value { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    private sealed class CancelAfterAnEpoch(CancellationTokenSource cancellation) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Epoch == 2) cancellation.Cancel();
        }
    }

    private static Row[] Rows(int count)
    {
        var random = new Random(4);
        return [.. Enumerable.Range(0, count).Select(t => new Row
        {
            Time = new DateTime(2020, 1, 1).AddHours(t), Value = MathF.Sin(t * MathF.Tau / 24) + 0.1f * random.NextSingle(),
        })];
    }

    private static bool IsOfStretches(RecurrentForecastingTransformer model) => model.Model.Description.RelativeAverages is not null;

    private static void Briefly(Options options) => options.Stopping.MaximumTrainingTime = TimeSpan.FromMilliseconds(1);

    [TestMethod]
    public void Long_epochs_of_windows_become_stretches()
    {
        Assert.IsTrue(IsOfStretches(Forecaster.Fit(Many, Briefly)));
        Assert.IsFalse(IsOfStretches(Forecaster.Fit(Many, options =>
        {
            Briefly(options);
            options.Decoding.TrainingScheme = TrainingScheme.Windows;
        })));
        Assert.IsFalse(IsOfStretches(Forecaster.Fit(Rows(400), Briefly)));
    }

    [TestMethod]
    public void Options_that_stretches_do_not_go_with_keep_windows()
    {
        Action<Options>[] changes =
        [
            options => options.Network.Bidirectional = true, options => options.Normalization.Window = WindowNormalization.LastValue,
            options => options.Network.Pooling = SequencePooling.Mean, options => options.Input.WindowSize = 11,
        ];
        foreach (var change in changes)
        {
            Assert.IsFalse(IsOfStretches(Forecaster.Fit(Many, options =>
            {
                Briefly(options);
                change(options);
            })));
        }
    }

    [TestMethod]
    // Windows of 96 steps, 11 times those of an epoch, of which each row is forecast at least once.
    [DataRow(2785, 96, 24, 24_576.0, 11)]
    [DataRow(2785, 96, 12, 24_576.0, 11)]
    [DataRow(2785, 96, 10, 24_576.0, 5)]
    [DataRow(2785, 96, 1, 24_576.0, 1)]
    [DataRow(2785, 96, 24, 200_000.0, 5)]
    [DataRow(2785, 96, 24, 300_000.0, 1)]
    [DataRow(700, 96, 24, 6000.0, 5)]
    [DataRow(100, 96, 24, 1000.0, 1)]
    public void Early_stopping_watches_as_many_windows_as_an_epoch_has_steps(int windows, int windowSize, int horizon, double steps, int stride) =>
        Assert.AreEqual(stride, StretchScheme.ValidationStride(windows, windowSize, horizon, steps));

    [TestMethod]
    public void A_model_that_is_trained_on_takes_windows()
    {
        var model = Forecaster.Fit(Rows(400), Briefly).Model;
        var options = new Options { Input = { WindowSize = 24 } };
        Assert.IsTrue(StretchScheme.IsUsual(options, 21_000));
        options.Network.Initialization.Model = model;
        Assert.IsFalse(StretchScheme.IsUsual(options, 21_000));
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(TrainingScheme.Windows)]
    public void A_run_goes_on_with_the_scheme_that_it_began_with(TrainingScheme? scheme)
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-scheme-").FullName;
        try
        {
            var whole = Forecaster.Fit(Many, options => options.Decoding.TrainingScheme = scheme);
            using var cancellation = new CancellationTokenSource();
            Forecaster.Fit(Many, options =>
            {
                (options.Decoding.TrainingScheme, options.Checkpoints.Folder, options.CancellationToken) = (scheme, folder, cancellation.Token);
                options.Logging.Progress = new CancelAfterAnEpoch(cancellation);
            });
            // By default, as after a change of the version.
            var resumed = Forecaster.Fit(Many, options => (options.Checkpoints.Folder, options.Checkpoints.Resume) = (folder, true));
            Assert.AreEqual(scheme is null, IsOfStretches(resumed));
            var rows = Rows(60);
            CollectionAssert.AreEqual(Forecaster.Forecast(whole, rows)[40].Forecast, Forecaster.Forecast(resumed, rows)[40].Forecast);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
