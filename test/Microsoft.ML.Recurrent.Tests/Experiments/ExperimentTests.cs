using Microsoft.ML.Recurrent.Experiments;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.ML.Recurrent.Tests.Experiments.ExperimentFixture;
using Options = Microsoft.ML.Recurrent.RecurrentRegressionTrainer.Options;

namespace Microsoft.ML.Recurrent.Tests.Experiments;

/// <summary>Experiments as a user runs them.</summary>
[TestClass]
public sealed class ExperimentTests
{
    [TestMethod]
    public void The_result_depends_on_the_seed_alone_not_on_the_number_of_trials_at_once()
    {
        var one = Create(new() { MaximumTrials = 8, TrialsAtOnce = 1, Seed = 5 }).Execute(Train, Validation);
        var three = Create(new() { MaximumTrials = 8, TrialsAtOnce = 3, Seed = 5 }).Execute(Train, Validation);
        CollectionAssert.AreEqual(Outcomes(one), Outcomes(three));
        CollectionAssert.AreEqual(Bytes(one.Model), Bytes(three.Model));
        Assert.HasCount(8, one.Trials);
        Assert.IsTrue(one.IsRefitted, one.WhyNotRefitted);
        Assert.IsFalse(one.IsCanceled);
        Assert.IsTrue(one.Trials.Any(trial => trial.State is TrialState.EndedEarly), one.ToString());
        Assert.AreEqual(TrialChoice.Best(one.Trials, one.Metric), one.Best);
        StringAssert.Contains(one.ToString(), "RMSE");
        var other = Create(new() { MaximumTrials = 8, Seed = 6 }).Execute(Train, Validation);
        CollectionAssert.AreNotEqual(Outcomes(one), Outcomes(other));
    }

    [TestMethod]
    public void Trial_1_is_the_plain_fit_of_the_given_options_and_the_refit_that_on_all_rows()
    {
        var options = Options();
        options.Seed = 3;
        var result = Create(new() { MaximumTrials = 1 }, options: options).Execute(Train, Validation);
        var plain = ExperimentMetric.RegressionError(Context).Measure(Trainer(new MLContext(3), options).Fit(Train), Validation);
        Assert.AreEqual(plain, result.Best.Metric);
        Assert.AreEqual(TrialState.Completed, result.Best.State);
        Assert.HasCount(result.Best.Epochs, result.Best.Curve);
        var joined = Context.Data.LoadFromEnumerable(Context.Data.CreateEnumerable<Copied>(Train, false)
            .Concat(Context.Data.CreateEnumerable<Copied>(Validation, false)));
        CollectionAssert.AreEqual(Bytes(Trainer(new MLContext(3), options).Fit(joined)), Bytes(result.Model));
    }

    [TestMethod]
    public void Any_trial_can_be_repeated_to_the_bit()
    {
        var models = new Dictionary<double, byte[]>();
        var error = ExperimentMetric.RegressionError(Context);
        var experiment = Create(new() { MaximumTrials = 6, Seed = 2, Refit = false }, error with
        {
            Measure = (model, rows) =>
            {
                var value = error.Measure(model, rows);
                lock (models) models[value] = Bytes(model);
                return value;
            },
        });
        var result = experiment.Execute(Train, Validation);
        Assert.IsFalse(result.IsRefitted);
        CollectionAssert.AreEqual(models[result.Best.Metric!.Value], Bytes(result.Model));
        Assert.IsTrue(result.Trials.Any(trial => trial.State is TrialState.EndedEarly), result.ToString());
        foreach (var trial in result.Trials)
            CollectionAssert.AreEqual(models[trial.Metric!.Value], Bytes(experiment.Repeat(trial, Train)), trial.ToString());
        // From what is printed.
        var options = Options();
        options.Seed = result.Options.Seed;
        Assert.AreEqual(2, options.Seed);
    }

    [TestMethod]
    public void A_canceled_experiment_goes_on_from_its_store_and_ends_in_the_same_model()
    {
        var straight = Create(new() { MaximumTrials = 7, Seed = 9 }).Execute(Train, Validation);
        using var store = new InMemoryTrialStore();
        for (var after = 1; after <= 5; after += 2)
        {
            using var cancellation = new CancellationTokenSource();
            var part = Create(new() { MaximumTrials = 7, Seed = 9, Store = store }).Execute(Train, Validation, new Observer(progress =>
            {
                if (progress.Finished.Length >= after) cancellation.Cancel();
            }), cancellation.Token);
            Assert.IsTrue(part.IsCanceled);
            Assert.IsNotNull(part.Model);
        }
        var resumed = Create(new() { MaximumTrials = 7, Seed = 9, Store = store }).Execute(Train, Validation);
        CollectionAssert.AreEqual(Outcomes(straight), Outcomes(resumed));
        CollectionAssert.AreEqual(Bytes(straight.Model), Bytes(resumed.Model));
    }

    [TestMethod]
    public void A_store_of_another_experiment_is_refused_by_what_differs()
    {
        using var store = new InMemoryTrialStore();
        Create(new() { MaximumTrials = 1, Seed = 1, Store = store }).Execute(Train, Validation);
        var seed = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Create(new() { MaximumTrials = 1, Seed = 2, Store = store }).Execute(Train, Validation));
        StringAssert.Contains(seed.Message, "'seed 1' there, 'seed 2' here");
        var options = Options();
        options.Network.HiddenSize = 9;
        var size = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Create(new() { MaximumTrials = 1, Seed = 1, Store = store }, options: options).Execute(Train, Validation));
        StringAssert.Contains(size.Message, "Network.HiddenSize");
        // More trials are more of the same.
        Assert.HasCount(3, Create(new() { MaximumTrials = 3, Seed = 1, Store = store }).Execute(Train, Validation).Trials);
    }

    [TestMethod]
    public void A_trial_that_fails_is_kept_with_its_reason_and_ends_nothing()
    {
        var error = ExperimentMetric.RegressionError(Context);
        var count = 0;
        var result = Create(new() { MaximumTrials = 5, Seed = 1, TrialsAtOnce = 1 }, error with
        {
            Measure = (model, rows) => ++count switch
            {
                2 => double.NaN,
                3 => throw new InvalidOperationException("no rows\nhere"),
                4 => double.PositiveInfinity,
                _ => error.Measure(model, rows),
            },
        }).Execute(Train, Validation);
        TrialResult[] failed = [.. result.Trials.Where(trial => trial.State is TrialState.Failed)];
        Assert.HasCount(3, failed);
        StringAssert.Contains(failed[0].Reason, "NaN");
        Assert.AreEqual("no rows here", failed[1].Reason);
        StringAssert.Contains(failed[2].Reason, "Infinity");
        Assert.IsTrue(failed.All(trial => trial.Metric is null));
        Assert.IsNotNull(result.Best.Metric);
    }

    [TestMethod]
    public void A_file_that_cannot_be_read_or_written_ends_the_experiment_and_fails_no_trial()
    {
        var straight = Create(new() { MaximumTrials = 5, Seed = 1 }).Execute(Train, Validation);
        var error = ExperimentMetric.RegressionError(Context);
        using var store = new InMemoryTrialStore();
        var count = 0;
        var full = Assert.ThrowsExactly<InvalidOperationException>(
            () => Create(new() { MaximumTrials = 5, Seed = 1, TrialsAtOnce = 1, Store = store }, error with
        {
            Measure = (model, rows) => ++count == 3 ? throw new IOException("No space left on device") : error.Measure(model, rows),
        }).Execute(Train, Validation));
        StringAssert.Contains(full.Message, "a file could not be read or written: No space left on device");
        var resumed = Create(new() { MaximumTrials = 5, Seed = 1, Store = store }).Execute(Train, Validation);
        CollectionAssert.AreEqual(Outcomes(straight), Outcomes(resumed));
        CollectionAssert.AreEqual(Bytes(straight.Model), Bytes(resumed.Model));
    }

    [TestMethod]
    public void A_trial_that_diverges_is_a_failed_one()
    {
        var space = SearchSpace.Create(Options());
        space = space.Without([.. space.Dimensions.Select(dimension => dimension.Path)]).WithChoices("Optimizer.Gradients.ClipNorm", float.PositiveInfinity)
            .WithChoices("Optimizer.LearningRate", 1e38f).WithChoices("Optimizer.Kind", OptimizerKind.Sgd);
        var result = Create(new() { MaximumTrials = 6, Seed = 1 }, space: space).Execute(Train, Validation);
        var failed = result.Trials.Where(trial => trial.State is TrialState.Failed).ToArray();
        Assert.IsNotEmpty(failed, result.ToString());
        Assert.IsTrue(failed.All(trial => trial.Reason!.Length > 20), result.ToString());
        Assert.IsNotNull(result.Model);
    }

    [TestMethod]
    public void Where_all_trials_fail_the_error_says_why()
    {
        var metric = new ExperimentMetric("None", true, (_, _) => double.NaN) { WhileTraining = ValidationMetric.MeanAbsoluteError };
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Create(new() { MaximumTrials = 2 }, metric).Execute(Train, Validation));
        StringAssert.Contains(error.Message, "None of the 2 trials has a model. Trial 1 failed: The metric on the validation rows is NaN");
    }

    [TestMethod]
    public void Canceled_before_any_model_it_throws()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => Create(new() { MaximumTrials = 2 }).Execute(Train, Validation, null, cancellation.Token));
    }

    [TestMethod]
    public void A_trial_that_hangs_is_left_behind_and_the_best_of_the_others_returned()
    {
        using var never = new ManualResetEventSlim();
        var error = ExperimentMetric.RegressionError(Context);
        var experiment = Create(new() { MaximumTime = TimeSpan.FromSeconds(3), Seed = 4, TrialsAtOnce = 2 }, create: (context, options) =>
        {
            // The second trial does not come back.
            if (options.Network.HiddenSize != 8 || options.Optimizer.BatchSize != 16) never.Wait();
            return Trainer(context, options);
        }, space: SearchSpace.Create(Options()).Without("Optimizer.LearningRate").WithChoices("Network.HiddenSize", 4, 16));
        experiment.Patience = TimeSpan.FromMilliseconds(300);
        var result = experiment.Execute(Train, Validation);
        never.Set();
        Assert.IsTrue(result.Trials.Any(trial => trial.Reason?.Contains("left behind", StringComparison.Ordinal) is true), result.ToString());
        Assert.IsNotNull(result.Model);
    }

    [TestMethod]
    public void With_a_maximum_time_further_trials_take_what_is_left_and_the_ended_ones_count()
    {
        var result = Create(new() { MaximumTime = TimeSpan.FromSeconds(4), Seed = 4 }, options: Options(100_000)).Execute(Train, Validation);
        Assert.IsNotNull(result.Best.Metric);
        NumberAssert.IsGreaterThan(1, result.Trials.Length);
        Assert.AreNotEqual(TrialState.EndedEarly, result.Trials[0].State);
        Assert.IsNotEmpty(result.Trials.Where(trial => trial.IsFinished && trial.Metric is not null));
    }

    [TestMethod]
    public void Progress_tells_trials_curves_and_the_best()
    {
        var reports = new List<ExperimentProgress>();
        var options = Options(200);
        // Long enough for a report while they run.
        options.Stopping.Patience = 200;
        var result = Create(new() { MaximumTrials = 5, Seed = 1 }, options: options).Execute(Train, Validation, new Observer(reports.Add));
        var last = reports[^1];
        Assert.HasCount(5, last.Finished);
        Assert.AreEqual(result.Best, last.Best);
        Assert.AreEqual(5, last.MaximumTrials);
        Assert.IsTrue(reports.Any(report => report.Running.Length > 0));
        foreach (var running in reports.SelectMany(report => report.Running)) NumberAssert.IsLessThanOrEqualTo(200, running.Epoch);
        Assert.IsTrue(last.Running.IsEmpty);
    }

    [TestMethod]
    public void Errors_come_before_any_training()
    {
        Assert.AreEqual("MaximumTrials", Assert.ThrowsExactly<ArgumentException>(() => Create(new())).ParamName);
        Assert.AreEqual("ReductionFactor",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Create(new() { MaximumTrials = 1, ReductionFactor = 1 })).ParamName);
        Assert.AreEqual("MaximumTime",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Create(new() { MaximumTime = TimeSpan.Zero })).ParamName);
        var auc = new ExperimentMetric("AUC", true, (_, _) => 1) { WhileTraining = ValidationMetric.AreaUnderRocCurve };
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Create(new() { MaximumTrials = 1 }, auc)).Message, "MeanAbsoluteError");
        var column = Options();
        column.FeatureColumnName = "Values";
        StringAssert.Contains(Assert.Throws<ArgumentException>(() =>
            Create(new() { MaximumTrials = 3 }, options: column).Execute(Train, Validation)).Message, "'Values'");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Create(new() { MaximumTrials = 3 }).GetTrial(0));
    }

    private sealed class Copied
    {
        [Microsoft.ML.Data.VectorType(8)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    private sealed class Observer(Action<ExperimentProgress> report) : IProgress<ExperimentProgress>
    {
        public void Report(ExperimentProgress value) => report(value);
    }
}
