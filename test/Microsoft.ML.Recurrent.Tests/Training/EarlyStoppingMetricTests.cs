using Microsoft.ML.Data;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>Early stopping by metrics other than the loss: their figures are those of ML.NET's evaluators, and the best epoch's weights are kept.</summary>
[TestClass]
public sealed class EarlyStoppingMetricTests
{
    private const int Epochs = 8;

    private static readonly MLContext Context = new(1);

    [TestMethod]
    [DataRow(ValidationMetric.MeanAbsoluteError)]
    [DataRow(ValidationMetric.RootMeanSquaredError)]
    public void Of_a_regression(ValidationMetric metric)
    {
        var (train, held) = (Context.Data.LoadFromEnumerable(Sums(300, 1)), Context.Data.LoadFromEnumerable(Sums(90, 2)));
        Check(metric, new RecurrentRegressionTrainer.Options(), options => Context.Regression.Trainers.RecurrentNetwork(options).Fit(train, held), model =>
        {
            var metrics = Context.Regression.Evaluate(((RecurrentRegressionTransformer)model).Transform(held));
            return metric is ValidationMetric.MeanAbsoluteError ? metrics.MeanAbsoluteError : metrics.RootMeanSquaredError;
        });
    }

    [TestMethod]
    [DataRow(ValidationMetric.Accuracy)]
    [DataRow(ValidationMetric.F1Score)]
    [DataRow(ValidationMetric.AreaUnderRocCurve)]
    public void Of_two_classes(ValidationMetric metric)
    {
        var (train, held) = (Context.Data.LoadFromEnumerable(Firsts(300, 1)), Context.Data.LoadFromEnumerable(Firsts(90, 2)));
        Check(metric, new RecurrentBinaryTrainer.Options(), options => Context.BinaryClassification.Trainers.RecurrentNetwork(options).Fit(train, held),
            model =>
        {
            var metrics = Context.BinaryClassification.Evaluate(((RecurrentBinaryTransformer)model).Transform(held));
            return metric switch { ValidationMetric.Accuracy => metrics.Accuracy, ValidationMetric.F1Score => metrics.F1Score, _ => metrics.AreaUnderRocCurve };
        });
    }

    [TestMethod]
    [DataRow(ValidationMetric.Accuracy)]
    [DataRow(ValidationMetric.F1Score)]
    public void Of_several_classes(ValidationMetric metric)
    {
        var rows = Context.Data.LoadFromEnumerable(Words(300, 1));
        var keys = Context.Transforms.Conversion.MapValueToKey("Label", "Class").Append(Context.Transforms.Conversion.MapValueToKey("Features", "Words"))
            .Fit(rows);
        var (train, held) = (keys.Transform(rows), keys.Transform(Context.Data.LoadFromEnumerable(Words(90, 2))));
        Check(metric,
            new RecurrentMulticlassTrainer.Options { Features = { EmbeddingSize = 4, Ngrams = { NgramLength = 0 } }, Optimizer = { LearningRate = 0.005f } },
            options => Context.MulticlassClassification.Trainers.RecurrentNetwork(options).Fit(train, held), model =>
        {
            var metrics = Context.MulticlassClassification.Evaluate(((RecurrentMulticlassTransformer)model).Transform(held));
            if (metric is ValidationMetric.Accuracy) return metrics.MicroAccuracy;
            var matrix = metrics.ConfusionMatrix;
            return Enumerable.Range(0, 3).Average(
                c => 2 * matrix.PerClassPrecision[c] * matrix.PerClassRecall[c] / Math.Max(1e-12, matrix.PerClassPrecision[c] + matrix.PerClassRecall[c]));
        });
    }

    [TestMethod]
    [DataRow(ValidationMetric.MeanAbsoluteError)]
    [DataRow(ValidationMetric.RootMeanSquaredError)]
    public void Of_a_forecaster(ValidationMetric metric)
    {
        var random = new Random(1);
        SumRow[] Series(int count) => [.. Enumerable.Range(0, count).Select(i => new SumRow { Label = 50 + 10 * MathF.Sin(i * 0.4f) + random.NextSingle() })];
        var (train, held) = (Context.Data.LoadFromEnumerable(Series(200)), Context.Data.LoadFromEnumerable(Series(80)));
        var options = new RecurrentForecastingEstimator.Options
        {
            Output = { ForecastColumnName = "Forecast" },
            Input = { InputColumnName = "Label", WindowSize = 8 },
            Horizon = 2,
        };
        Check(metric, options, given => Context.Forecasting.ForecastByRecurrentNetwork((RecurrentForecastingEstimator.Options)given).Fit(train, held), null);
    }

    [TestMethod]
    [DataRow(ValidationMetric.MeanAbsoluteError)]
    [DataRow(ValidationMetric.RootMeanSquaredError)]
    public void Of_a_forecaster_with_missing_targets(ValidationMetric metric)
    {
        var random = new Random(1);
        SumRow[] Series(int count) => [.. Enumerable.Range(0, count).Select(
            i => new SumRow { Label = i % 17 == 5 ? float.NaN : 50 + 10 * MathF.Sin(i * 0.4f) + random.NextSingle() })];
        var (train, held) = (Context.Data.LoadFromEnumerable(Series(300)), Context.Data.LoadFromEnumerable(Series(120)));
        var options = new RecurrentForecastingEstimator.Options
        {
            Output = { ForecastColumnName = "Forecast" },
            Input = { InputColumnName = "Label", WindowSize = 8 },
            Horizon = 3,
        };
        Check(metric, options, given => Context.Forecasting.ForecastByRecurrentNetwork((RecurrentForecastingEstimator.Options)given).Fit(train, held), null);
    }

    [TestMethod]
    public void Loggers_and_progress_tell_the_metric()
    {
        var path = Path.GetTempFileName();
        try
        {
            var told = new List<double?>();
            using (var logger = TrainingLogger.JsonLines(path))
            {
                var options = new RecurrentBinaryTrainer.Options
                {
                    Network = { HiddenSize = 4 },
                    Stopping = { MaximumNumberOfEpochs = 3, Metric = ValidationMetric.Accuracy },
                    Seed = 5,
                    Logging = { Loggers = [logger], Progress = new Teller(progress => told.Add(progress.ValidationMetric)) },
                };
                using var model = Context.BinaryClassification.Trainers.RecurrentNetwork(options).Fit(Context.Data.LoadFromEnumerable(Firsts(100, 1)));
                Assert.AreEqual(model.Model.History.Epochs[^1].ValidationMetric, told[^1]);
            }

            Assert.AreEqual(3, File.ReadAllLines(path).Count(line => line.Contains("epoch/validation_accuracy", StringComparison.Ordinal)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void A_metric_that_a_trainer_does_not_know_is_named()
    {
        var error = Assert.Throws<ArgumentException>(
            () => Context.Regression.Trainers.RecurrentNetwork(new RecurrentRegressionTrainer.Options { Stopping = { Metric = ValidationMetric.Accuracy } }));
        Assert.AreEqual("Stopping.Metric", error.ParamName);
        StringAssert.Contains(error.Message, "Loss, MeanAbsoluteError, RootMeanSquaredError");
        Assert.Throws<ArgumentException>(
            () => Context.MulticlassClassification.Trainers.RecurrentNetwork(new() { Stopping = { Metric = ValidationMetric.AreaUnderRocCurve } }));
        Assert.Throws<ArgumentException>(() => Context.Transforms.Text.LanguageModelByRecurrentNetwork(new()
        {
            Output = { LogProbabilitiesColumnName = "a" },
            InputColumnName = "b",
            Stopping = { Metric = ValidationMetric.Accuracy },
        }));

        var one = Firsts(40, 1).Where(row => row.Label).ToArray();
        var options = new RecurrentBinaryTrainer.Options
        {
            Network = { HiddenSize = 4 },
            Stopping = { MaximumNumberOfEpochs = 1, Metric = ValidationMetric.AreaUnderRocCurve },
        };
        var trainer = Context.BinaryClassification.Trainers.RecurrentNetwork(options);
        StringAssert.Contains(Assert.Throws<InvalidOperationException>(
            () => trainer.Fit(Context.Data.LoadFromEnumerable(Firsts(40, 1)), Context.Data.LoadFromEnumerable(one))).Message, "only one");
    }

    private static void Check<TOptions>(ValidationMetric metric, TOptions options, Func<TOptions, object> fit, Func<object, double>? evaluate)
        where TOptions : RecurrentTrainerOptions
    {
        (options.Network.HiddenSize, options.Stopping.MaximumNumberOfEpochs, options.Seed, options.Stopping.Metric) = (6, Epochs, 5, metric);
        using var model = (IDisposable)fit(options);
        var history = ((ISingleFeaturePredictionTransformer<RecurrentModel>)model).Model.History;
        double[] figures = [.. history.Epochs.Select(epoch => epoch.ValidationMetric!.Value)];
        var best = metric.IsGain() ? figures.Max() : figures.Min();
        Assert.AreEqual(Array.IndexOf(figures, best) + 1, history.BestEpoch);
        Assert.IsTrue(figures.Distinct().Count() > 1, "the test needs epochs that differ");
        // The weights kept are that epoch's: ML.NET's evaluator finds the same figure.
        if (evaluate is not null) Assert.AreEqual(best, evaluate(model), 1e-4 * Math.Max(1, best));
    }

    private sealed class Teller(Action<TrainingProgress> tell) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => tell(value);
    }
}
