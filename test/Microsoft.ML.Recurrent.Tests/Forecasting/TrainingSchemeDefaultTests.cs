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
    public void Decoders_are_trained_on_stretches_where_they_gain()
    {
        var decoder = Fitted(ForecastStrategy.EncoderDecoder);
        Assert.IsTrue(IsOfStretches(decoder));
        foreach (var change in new Action<Options>[]
        {
            options => options.Decoding.Attention = AttentionForm.Dot, options => options.Decoding.LinearSkip = false,
            options => options.Decoding.TeacherForcing = TeacherForcing.Constant(1),
        }) Assert.IsFalse(IsOfStretches(Fitted(ForecastStrategy.EncoderDecoder, change)));
        Assert.IsTrue(IsOfStretches(Fitted(ForecastStrategy.EncoderDecoder, options => options.Decoding.TeacherForcing = TeacherForcing.Linear(2))));
        // Its layers read nothing but values, so the averages tell nothing.
        foreach (var lags in new int[][] { [], [3] })
        {
            var normalization = Fitted(ForecastStrategy.Recursive, options => options.Input.Features.Lags = lags).Model.Description.WindowNormalization;
            Assert.AreEqual(lags.Length == 0, normalization is WindowNormalization.Difference);
        }

        static RecurrentForecastingTransformer Fitted(ForecastStrategy strategy, Action<Options>? change = null) => Forecaster.Fit(Many, options =>
        {
            Briefly(options);
            options.Decoding.Strategy = strategy;
            change?.Invoke(options);
        });
    }

    [TestMethod]
    public void A_regression_on_covariates_takes_windows()
    {
        var options = new Options { Input = { WindowSize = 24 } };
        var network = Forecaster.Fit(Rows(400), Briefly).Model.Description with { FutureFeatures = 1 };
        Assert.IsTrue(StretchScheme.IsUsual(options, network, 21_000));
        options.Input.FutureCovariateColumnNames = ["Price"];
        Assert.IsFalse(StretchScheme.IsUsual(options, network, 21_000));
        options.Decoding.ShrinkTowardNaive = true;
        Assert.IsTrue(StretchScheme.IsUsual(options, network, 21_000));
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
    public void A_model_that_is_trained_on_and_series_of_different_size_take_windows()
    {
        var model = Forecaster.Fit(Rows(400), Briefly).Model;
        var options = new Options { Input = { WindowSize = 24 } };
        Assert.IsTrue(StretchScheme.IsUsual(options, model.Description, 21_000));
        Assert.IsFalse(StretchScheme.IsUsual(options, model.Description with { RunningScale = true }, 21_000));
        options.Network.Initialization.Model = model;
        Assert.IsFalse(StretchScheme.IsUsual(options, model.Description, 21_000));
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
