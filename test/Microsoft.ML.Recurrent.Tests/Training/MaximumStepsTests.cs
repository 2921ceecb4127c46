using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>The most steps of a batch, through the trainers.</summary>
[TestClass]
public sealed class MaximumStepsTests
{
    private static readonly MLContext Context = new(1);

    [TestMethod]
    public void A_token_budget_sets_the_batches_of_every_sequence_trainer()
    {
        var words = Context.Transforms.Conversion.MapValueToKey([new InputOutputColumnPair("Words"), new("Label", "Class")])
            .Fit(Context.Data.LoadFromEnumerable(Words(300, 1))).Transform(Context.Data.LoadFromEnumerable(Words(300, 1)));
        var classes = new RecurrentMulticlassTrainer.Options { FeatureColumnName = "Words" };
        CheckBatches(classes, 270, 3.99, options => Context.MulticlassClassification.Trainers.RecurrentNetwork(options).Fit(words));
        // Rows of a language model end in a marker.
        var text = new RecurrentLanguageModelEstimator.Options { InputColumnName = "Words", Batches = { Stateful = false } };
        CheckBatches(text, 270, 4.99, options => Context.Transforms.Text.LanguageModelByRecurrentNetwork(options).Fit(words));
        var sums = Context.Data.LoadFromEnumerable(Sums(300, 1));
        CheckBatches(new RecurrentRegressionTrainer.Options(), 270, 5.45, options => Context.Regression.Trainers.RecurrentNetwork(options).Fit(sums));
    }

    /// <summary>Batches of 60 steps are about as many as steps in all divided by 60, whatever the number of rows.</summary>
    private static void CheckBatches<TOptions>(TOptions options, int rows, double meanSteps, Func<TOptions, object> fit)
        where TOptions : RecurrentTrainerOptions
    {
        List<TrainingProgress> reports = [];
        (options.Network.HiddenSize, options.Stopping.MaximumNumberOfEpochs, options.Seed) = (4, 2, 3);
        options.Optimizer.Gradients.MaximumStepsPerBatch = 60;
        options.Logging.Progress = new Recorder(reports);
        using var model = (IDisposable)fit(options);
        foreach (var end in reports.Where(report => report.EpochEnded))
        {
            Assert.AreEqual(end.BatchesPerEpoch, end.Batch);
            Assert.AreEqual(rows * meanSteps / 60, end.Batch, 0.2 * rows * meanSteps / 60);
        }
    }

    [TestMethod]
    public void Sequences_of_one_length_have_no_token_budget()
    {
        var forecaster = new RecurrentForecastingEstimator.Options { Optimizer = { Gradients = { MaximumStepsPerBatch = 100 } } };
        var error = Assert.ThrowsExactly<ArgumentException>(() => Context.Forecasting.ForecastByRecurrentNetwork(forecaster));
        Assert.AreEqual("Optimizer.Gradients.MaximumStepsPerBatch", error.ParamName);
        Assert.Contains("set Optimizer.BatchSize", error.Message);
        var text = new RecurrentLanguageModelEstimator.Options { Optimizer = { Gradients = { MaximumStepsPerBatch = 100 } } };
        error = Assert.ThrowsExactly<ArgumentException>(() => Context.Transforms.Text.LanguageModelByRecurrentNetwork(text));
        Assert.Contains("Batches.StepsPerBatch", error.Message);
        var none = new RecurrentRegressionTrainer.Options { Optimizer = { Gradients = { MaximumStepsPerBatch = 0 } } };
        Assert.AreEqual("Optimizer.Gradients.MaximumStepsPerBatch",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Context.Regression.Trainers.RecurrentNetwork(none)).ParamName);
    }

    private sealed class Recorder(List<TrainingProgress> reports) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => reports.Add(value);
    }
}
