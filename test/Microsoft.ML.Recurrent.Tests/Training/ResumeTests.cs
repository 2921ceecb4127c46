using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>Checkpoints, logs and the finer options of training, through a trainer.</summary>
[TestClass]
public sealed class ResumeTests
{
    private static readonly MLContext Context = new(1);
    private static readonly IDataView Data = Context.Data.LoadFromEnumerable(Sums(200, 7));

    [TestMethod]
    [DataRow(null)]
    [DataRow(40)]
    public void A_fit_that_was_cancelled_goes_on_where_it_stopped(int? maximumSteps)
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-resume-").FullName;
        try
        {
            var whole = Scores(Options(maximumSteps));
            var twoThreads = Options(maximumSteps);
            twoThreads.NumberOfThreads = 2;
            CollectionAssert.AreEqual(whole, Scores(twoThreads));
            using (var cancellation = new CancellationTokenSource())
            {
                var options = Options(maximumSteps);
                (options.Checkpoints.Folder, options.CancellationToken) = (folder, cancellation.Token);
                options.Logging.Progress = new Canceller(cancellation);
                using var partly = Context.Regression.Trainers.RecurrentNetwork(options).Fit(Data);
                Assert.AreEqual(TrainingEnd.Cancelled, partly.Model.History.End);
            }

            var resumed = Options(maximumSteps);
            (resumed.Checkpoints.Folder, resumed.Checkpoints.Resume) = (folder, true);
            CollectionAssert.AreEqual(whole, Scores(resumed));

            // Another seed is another run.
            resumed.Seed = 99;
            Assert.Contains("seed", Assert.Throws<InvalidDataException>(() => Scores(resumed)).Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void The_maximum_time_ends_a_fit_with_validated_weights_and_a_longer_one_goes_on()
    {
        var folder = Directory.CreateTempSubdirectory("recurrent-time-").FullName;
        try
        {
            var options = Options();
            (options.Checkpoints.Folder, options.Stopping.MaximumTrainingTime) = (folder, TimeSpan.FromMilliseconds(1));
            List<TrainingProgress> reports = [];
            options.Logging.Progress = new Recorder(reports);
            using (var brief = Context.Regression.Trainers.RecurrentNetwork(options).Fit(Data))
            {
                var history = brief.Model.History;
                Assert.AreEqual(TrainingEnd.TimeLimit, history.End);
                Assert.HasCount(1, history.Epochs);
                Assert.AreEqual(1, history.BestEpoch);
                Assert.IsTrue(double.IsFinite(history.Epochs[0].ValidationLoss!.Value));
                Assert.AreEqual(TrainingEnd.TimeLimit, reports[^1].End);
            }

            options.Stopping.MaximumTrainingTime = TimeSpan.Zero;
            Assert.AreEqual("Stopping.MaximumTrainingTime",
                Assert.Throws<ArgumentOutOfRangeException>(() => Context.Regression.Trainers.RecurrentNetwork(options)).ParamName);
            (options.Checkpoints.Resume, options.Stopping.MaximumTrainingTime) = (true, TimeSpan.FromHours(1));
            using var longer = Context.Regression.Trainers.RecurrentNetwork(options).Fit(Data);
            Assert.AreEqual(TrainingEnd.Completed, longer.Model.History.End);
            Assert.HasCount(options.Stopping.MaximumNumberOfEpochs, longer.Model.History.Epochs);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Loggers_see_the_run_and_dispose_with_their_maker()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var logger = TrainingLogger.JsonLines(path))
            {
                var options = Options();
                (options.Logging.Loggers, options.Logging.EverySteps, options.Logging.Statistics) = ([logger], 1, true);
                Scores(options);
                Scores(options);
            }

            var lines = File.ReadAllLines(path);
            Assert.AreEqual(2 * 6, lines.Count(line => line.Contains("epoch/validation_loss", StringComparison.Ordinal)));
            Assert.IsTrue(lines.Any(line => line.Contains("gradient_flow/lstm_1", StringComparison.Ordinal)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static RecurrentRegressionTrainer.Options Options(int? maximumSteps = null) => new()
    {
        Network =
        {
            HiddenSize = 8, Regularization = { DropoutRate = 0.2f, Augmentation = new SequenceAugmentation { Jitter = 0.05f } },
            Initialization = { Recurrent = WeightInitializer.GlorotNormal(), ForgetGateBias = 2 },
        },
        Stopping = { MaximumNumberOfEpochs = 6 },
        Seed = 5,
        NumberOfThreads = 1,
        Optimizer =
        {
            Kind = OptimizerKind.AdamW, WeightDecay = 0.01f, EmaDecay = 0.9f, Gradients = { AccumulationSteps = 2, MaximumStepsPerBatch = maximumSteps },
            LearningRateSchedule = LearningRateSchedule.OneCycle(),
        },
    };

    private static float[] Scores(RecurrentRegressionTrainer.Options options)
    {
        using var model = Context.Regression.Trainers.RecurrentNetwork(options).Fit(Data);
        return [.. model.Transform(Data).GetColumn<float>("Score")];
    }

    internal sealed class Canceller(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Epoch == 3) source.Cancel();
        }
    }

    private sealed class Recorder(List<TrainingProgress> reports) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => reports.Add(value);
    }
}
