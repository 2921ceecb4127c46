using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Tests.Hosting;
using static Microsoft.ML.Recurrent.Tests.Training.SequenceTasks;

namespace Microsoft.ML.Recurrent.Tests.Training;

/// <summary>The learning-rate search, by every trainer.</summary>
[TestClass]
public sealed class LearningRateSearchTests
{
    private static readonly MLContext Context = new(1);
    private static readonly IDataView Data = Context.Data.LoadFromEnumerable(Sums(400, 7));

    [TestMethod]
    public void The_suggested_rate_trains_well()
    {
        var curve = Trainer(new()).FindLearningRate(Data, new() { MinimumLearningRate = 1e-5f, MaximumLearningRate = 10, NumberOfSteps = 150 });
        Assert.AreEqual(1e-5f, curve.Trials[0].LearningRate, 1e-9f);
        Assert.IsTrue(curve.Suggestion is > 1e-4f and < 1, $"{curve.Suggestion}");
        Assert.IsTrue(curve.Trials.Zip(curve.Trials.Skip(1))
            .All(pair => pair.First.LearningRate < pair.Second.LearningRate && pair.First.Step + 1 == pair.Second.Step));
        using var slow = Trainer(new() { Optimizer = { LearningRate = 1e-5f } }).Fit(Data);
        using var found = Trainer(new() { Optimizer = { LearningRate = curve.Suggestion!.Value } }).Fit(Data);
        NumberAssert.IsLessThan(0.3 * slow.Model.History.Epochs[^1].Loss, found.Model.History.Epochs[^1].Loss);
    }

    [TestMethod]
    public void Every_task_has_a_curve()
    {
        LearningRateSearchOptions search = new() { NumberOfSteps = 12, MaximumLearningRate = 0.1f };
        var firsts = Context.Data.LoadFromEnumerable(Firsts(100, 3));
        Check(Context.BinaryClassification.Trainers.RecurrentNetwork(new RecurrentBinaryTrainer.Options
        {
            Network = { HiddenSize = 4 },
        }).FindLearningRate(firsts, search));
        var words = Context.Data.LoadFromEnumerable(Words(100, 3));
        var keys = Context.Transforms.Conversion.MapValueToKey("Label", "Class").Append(Context.Transforms.Conversion.MapValueToKey("Features", "Words"))
            .Fit(words).Transform(words);
        Check(Context.MulticlassClassification.Trainers.RecurrentNetwork(new RecurrentMulticlassTrainer.Options
        {
            Network = { HiddenSize = 4 },
        }).FindLearningRate(keys,
            search));
        foreach (var carries in new[] { true, false })
            Check(Context.Transforms.Text.LanguageModelByRecurrentNetwork(new()
            {
                Output = { LogProbabilitiesColumnName = "LogProbabilities" },
                InputColumnName = "Features",
                Network = { HiddenSize = 4 },
                Batches = { Stateful = carries },
                Optimizer = { BatchSize = 4 },
            }).FindLearningRate(keys, search));
        var series =
            Context.Data.LoadFromEnumerable(Enumerable.Range(0, 200).Select(i => new SumRow { Label = MathF.Sin(i * 0.3f) + i * 7919 % 13 * 0.1f }).ToArray());
        foreach (var likelihood in Enum.GetValues<LikelihoodName>()
            .Where(likelihood => likelihood is not (LikelihoodName.Quantiles or LikelihoodName.NegativeBinomial)))
            Check(Context.Forecasting.ForecastByRecurrentNetwork(new RecurrentForecastingEstimator.Options
            {
                Output = { ForecastColumnName = "Forecast" },
                Input = { InputColumnName = "Label", WindowSize = 8 },
                Horizon = 2,
                Network = { HiddenSize = 4 },
                Likelihood = likelihood.ToOption(),
            }).FindLearningRate(series, search));

        static void Check(LearningRateCurve curve)
        {
            Assert.HasCount(12, curve.Trials);
            Assert.AreEqual(1e-6f, curve.Trials[0].LearningRate, 1e-10f);
            Assert.AreEqual(0.1f, curve.Trials[^1].LearningRate, 1e-5f);
            Assert.IsTrue(curve.Trials.All(trial => double.IsFinite(trial.Loss) && double.IsFinite(trial.SmoothedLoss)));
        }
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_curve_whatever_the_threads()
    {
        LearningRateSearchOptions search = new() { NumberOfSteps = 20 };
        CollectionAssert.AreEqual(Trainer(new()
        {
            NumberOfThreads = 1,
            Optimizer = { Gradients = { AccumulationSteps = 2 } },
        }).FindLearningRate(Data, search).Trials.ToArray(),
            Trainer(new() { NumberOfThreads = 2, Optimizer = { Gradients = { AccumulationSteps = 2 } } }).FindLearningRate(Data, search).Trials.ToArray());
    }

    [TestMethod]
    public void The_search_leaves_model_and_trainer_as_they_were()
    {
        using var first = Trainer(new()).Fit(Data);
        var initial = first.Model;
        var before = initial.Identity;
        var trainer = Trainer(new() { Network = { Initialization = { Model = initial } }, Optimizer = { LearningRate = 1e-3f } });
        using var plain = Trainer(new() { Network = { Initialization = { Model = initial } }, Optimizer = { LearningRate = 1e-3f } }).Fit(Data);
        NumberAssert.IsGreaterThan(0, trainer.FindLearningRate(Data, new() { NumberOfSteps = 20 }).Trials.Length);
        using var after = trainer.Fit(Data);
        Assert.AreEqual(before, initial.Identity);
        CollectionAssert.AreEqual(plain.Model.History.Epochs.Select(epoch => epoch.Loss).ToArray(),
            after.Model.History.Epochs.Select(epoch => epoch.Loss).ToArray());
    }

    [TestMethod]
    public void Progress_is_told_and_cancellation_keeps_what_was_seen()
    {
        using var cancellation = new CancellationTokenSource();
        var seen = new Watcher(trial =>
        {
            if (trial.Step == 14) cancellation.Cancel();
        });
        var curve = Trainer(new()).FindLearningRate(Data, new() { Progress = seen, CancellationToken = cancellation.Token });
        Assert.HasCount(14, curve.Trials);
        CollectionAssert.AreEqual(curve.Trials.ToArray(), seen.Trials);

        using var early = new CancellationTokenSource();
        var none = Trainer(new()).FindLearningRate(Data, new() { Progress = new Watcher(_ => early.Cancel()), CancellationToken = early.Token });
        Assert.HasCount(1, none.Trials);
        Assert.IsNull(none.Suggestion);
    }

    [TestMethod]
    public void A_cancelled_context_throws()
    {
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(Sums(50, 7));
        var trainer = context.Regression.Trainers.RecurrentNetwork(new RecurrentRegressionTrainer.Options { Network = { HiddenSize = 4 } });
        var watcher = new Watcher(_ => context.Cancel());
        Assert.Throws<OperationCanceledException>(() => trainer.FindLearningRate(data,
            new() { NumberOfSteps = 1_000_000, MinimumLearningRate = 1e-6f, MaximumLearningRate = 1e-5f, Progress = watcher }));
    }

    [TestMethod]
    public void Bad_options_are_named()
    {
        foreach (var (options, name) in new (LearningRateSearchOptions, string)[]
        {
            (new() { MinimumLearningRate = 0 }, "MinimumLearningRate"), (new() { MinimumLearningRate = float.NaN }, "MinimumLearningRate"),
            (new() { MaximumLearningRate = 1e-6f }, "MaximumLearningRate"),
            (new() { MaximumLearningRate = float.PositiveInfinity }, "MaximumLearningRate"), (new() { NumberOfSteps = 9 }, "NumberOfSteps"),
        })
        {
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(new()).FindLearningRate(Data, options));
            Assert.AreEqual(name, error.ParamName);
            Assert.Contains(name, error.Message);
        }
        Assert.ThrowsExactly<ArgumentNullException>(() => Trainer(new()).FindLearningRate(null!));
    }

    /// <summary>The search works on a copy: what is trained is what the found rate trains. Its curve stays with the model.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_fit_without_a_rate_searches_one(bool withSchedule)
    {
        using var searched = Trainer(Options(null)).Fit(Data);
        var search = searched.Model.History.LearningRateSearch!;
        NumberAssert.IsGreaterThan(9, search.Trials.Length);
        Assert.AreNotEqual(2e-3f, search.Suggestion!.Value);
        using var given = Trainer(Options(search.Suggestion)).Fit(Data);
        CollectionAssert.AreEqual(Figures(given.Model), Figures(searched.Model));
        Assert.IsNull(given.Model.History.LearningRateSearch);
        if (!withSchedule) Assert.AreEqual(search.Suggestion!.Value, searched.Model.History.Epochs[0].LearningRate);

        using var file = new MemoryStream();
        Context.Model.Save(searched, Data.Schema, file);
        file.Position = 0;
        var loaded = ((RecurrentRegressionTransformer)Context.Model.Load(file, out _)).Model.History.LearningRateSearch!;
        CollectionAssert.AreEqual(search.Trials.ToArray(), loaded.Trials.ToArray());
        Assert.AreEqual(search.Suggestion, loaded.Suggestion);

        RecurrentRegressionTrainer.Options Options(float? rate) => new()
        {
            Network = { Regularization = { DropoutRate = 0.1f } },
            Optimizer = { LearningRate = rate, EmaDecay = 0.9f, LearningRateSchedule = withSchedule ? LearningRateSchedule.OneCycle() : null },
        };

        static (double, double?, double)[] Figures(RecurrentModel model) =>
            [.. model.History.Epochs.Select(epoch => (epoch.Loss, epoch.ValidationLoss, epoch.LearningRate))];
    }

    /// <summary>A resumed run searches again, with the same result, and goes on as if it had not been interrupted.</summary>
    [TestMethod]
    public void A_resumed_run_has_the_rate_of_its_beginning()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            using var whole = Trainer(new() { Optimizer = { LearningRate = null } }).Fit(Data);
            using var cancellation = new CancellationTokenSource();
            using var part = Trainer(Options()).Fit(Data);
            Assert.AreEqual(TrainingEnd.Cancelled, part.Model.History.End);
            using var resumed = Trainer(new() { Optimizer = { LearningRate = null }, Checkpoints = { Folder = folder, Resume = true } }).Fit(Data);
            CollectionAssert.AreEqual(Losses(whole.Model), Losses(resumed.Model));

            RecurrentRegressionTrainer.Options Options() => new()
            {
                Optimizer = { LearningRate = null },
                Checkpoints = { Folder = folder },
                CancellationToken = cancellation.Token,
                Logging = { Progress = new Ended(() => cancellation.Cancel()) },
            };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static double[] Losses(RecurrentModel model) => [.. model.History.Epochs.Select(epoch => epoch.Loss)];
    }

    private static RecurrentRegressionTrainer Trainer(RecurrentRegressionTrainer.Options options)
    {
        (options.Network.HiddenSize, options.Stopping.MaximumNumberOfEpochs, options.Seed) = (12, 4, 5);
        return Context.Regression.Trainers.RecurrentNetwork(options);
    }

    private sealed class Ended(Action then) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.EpochEnded) then();
        }
    }

    private sealed class Watcher(Action<LearningRateTrial> then) : IProgress<LearningRateTrial>
    {
        public List<LearningRateTrial> Trials { get; } = [];

        public void Report(LearningRateTrial value)
        {
            Trials.Add(value);
            then(value);
        }
    }
}
