using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Experiments;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.ML.Recurrent.Tests.Experiments.ExperimentFixture;

namespace Microsoft.ML.Recurrent.Tests.Experiments;

/// <summary>Experiments with a final on folds.</summary>
[TestClass]
public sealed class ExperimentFoldTests
{
    // A size that differs takes the place of the default where the folds say so.
    private static readonly SearchSpace s_space = SizesAlone();

    [TestMethod]
    public void The_folds_decide_between_the_default_and_the_trials_that_the_validation_rows_prefer()
    {
        // On the validation rows larger networks seem better by far.
        var metric = ExperimentMetric.RegressionError(Context) with { Measure = (model, _) => 1.0 / Size(model) };
        var settings = new ExperimentOptions { MaximumTrials = 6, Seed = 1, Folds = Folds((size, fold) => size == 8 ? 1 : 1.2 + 0.01 * fold) };
        var kept = Create(settings, metric, space: s_space).Execute(Train, Validation);
        Assert.AreEqual(1, kept.Best.Trial.Number, kept.ToString());
        Assert.AreEqual(8, Size(kept.Model));
        Assert.IsNotEmpty(kept.Final!.Finalists);
        StringAssert.Contains(kept.ToString(), "The default options stay");
        Assert.HasCount(4, kept.Best.Folds);
        settings.Folds = Folds((size, fold) => size == 8 ? 1 : 0.8 + 0.01 * fold + 0.001 * size);
        var changed = Create(settings, metric, space: s_space).Execute(Train, Validation);
        Assert.AreEqual(changed.Final!.Finalists.MinBy(one => one.MeanRatio)!.Trial, changed.Best.Trial.Number, changed.ToString());
        Assert.AreNotEqual(8, Size(changed.Model));
        Assert.IsTrue(changed.IsRefitted);
        // Without folds the validation rows do.
        settings.Folds = null;
        var without = Create(settings, metric, space: s_space).Execute(Train, Validation);
        Assert.IsNull(without.Final);
    }

    [TestMethod]
    public void With_too_few_folds_the_default_stays_and_the_reason_is_told()
    {
        var metric = ExperimentMetric.RegressionError(Context) with { Measure = (model, _) => 1.0 / Size(model) };
        var fits = 0;
        ExperimentFold[] folds = [.. Folds((_, _) => Interlocked.Increment(ref fits)).Take(2)];
        var result = Create(new() { MaximumTrials = 4, Seed = 1, Folds = folds }, metric, space: s_space).Execute(Train, Validation);
        Assert.AreEqual(1, result.Best.Trial.Number);
        Assert.AreEqual(8, Size(result.Model));
        StringAssert.Contains(result.Final!.Reason, "room for 2 folds");
        Assert.AreEqual(0, fits);
        var few = Folds((_, _) => Interlocked.Increment(ref fits)).Select(fold => fold with { Count = 2 }).ToArray();
        StringAssert.Contains(Create(new() { MaximumTrials = 4, Seed = 1, Folds = few }, metric, space: s_space).Execute(Train, Validation).Final!.Reason,
            "8 independent forecasts or rows");
        Assert.AreEqual("Folds", Assert.Throws<ArgumentException>(() => Create(new() { MaximumTrials = 4, Folds = [few[0], few[0]] })).ParamName);
    }

    [TestMethod]
    public void Canceled_in_the_final_it_goes_on_from_the_store_and_ends_in_the_same_choice()
    {
        var error = ExperimentMetric.RegressionError(Context);
        var metric = error with { Measure = (model, _) => 1.0 / Size(model) };
        ExperimentFold[] folds = [.. ExperimentFold.CrossValidation(Context, Train, error, 4)];
        var straight = Create(new() { MaximumTrials = 5, Seed = 9, Folds = folds, TrialsAtOnce = 2 }, metric, space: s_space).Execute(Train, Validation);
        Assert.IsNotEmpty(straight.Final!.Finalists, straight.ToString());
        using var store = new InMemoryTrialStore();
        foreach (var after in (int[])[1, 3, 6])
        {
            using var cancellation = new CancellationTokenSource();
            var fits = 0;
            ExperimentFold[] watched = [.. folds.Select(fold => fold with
            {
                Measure = model =>
                {
                    if (Interlocked.Increment(ref fits) >= after) cancellation.Cancel();
                    return fold.Measure(model);
                },
            })];
            var part = Create(new() { MaximumTrials = 5, Seed = 9, Folds = watched, Store = store, TrialsAtOnce = 1 }, metric, space: s_space)
                .Execute(Train, Validation, null, cancellation.Token);
            Assert.IsTrue(part.IsCanceled);
            Assert.AreEqual(1, part.Best.Trial.Number);
            StringAssert.Contains(part.Final!.Reason, "canceled");
        }
        var trained = 0;
        ExperimentFold[] rest = [.. folds.Select(fold => fold with
        {
            Measure = model => Interlocked.Increment(ref trained) > 0 ? fold.Measure(model) : 0,
        })];
        var resumed = Create(new() { MaximumTrials = 5, Seed = 9, Folds = rest, Store = store, TrialsAtOnce = 1 }, metric, space: s_space).Execute(Train,
            Validation);
        CollectionAssert.AreEqual(Figures(straight), Figures(resumed));
        Assert.AreEqual(straight.Final.Reason, resumed.Final!.Reason);
        CollectionAssert.AreEqual(Bytes(straight.Model), Bytes(resumed.Model));
        NumberAssert.IsLessThan(4 * (straight.Final.Finalists.Length + 1), trained, "what had ended is not trained again");
        var other = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Create(new() { MaximumTrials = 5, Seed = 9, Store = store }, metric, space: s_space).Execute(Train, Validation));
        StringAssert.Contains(other.Message, "final of 3 trials on part 1, part 2, part 3, part 4");
    }

    [TestMethod]
    public void With_a_maximum_time_there_is_time_for_the_final_and_the_refit()
    {
        var metric = ExperimentMetric.RegressionError(Context);
        var result = Create(new() { MaximumTime = TimeSpan.FromSeconds(4), Seed = 4, Folds = ExperimentFold.CrossValidation(Context, Train, metric, 3) })
            .Execute(Train, Validation);
        Assert.IsNotNull(result.Final);
        Assert.HasCount(3, result.Best.Folds, result.ToString());
        Assert.IsTrue(result.IsRefitted, result.WhyNotRefitted);
    }

    [TestMethod]
    public void A_fold_that_cannot_be_trained_ends_nothing()
    {
        var metric = ExperimentMetric.RegressionError(Context) with { Measure = (model, _) => 1.0 / Size(model) };
        var folds = Folds((size, fold) => fold == 1 && size != 8 ? double.NaN : size == 8 ? 1 : 0.5);
        var result = Create(new() { MaximumTrials = 4, Seed = 1, Folds = folds }, metric, space: s_space).Execute(Train, Validation);
        Assert.AreEqual(1, result.Best.Trial.Number);
        StringAssert.Contains(result.Final!.Finalists[0].Reason, "it failed on the fold fold 1: The metric on the validation rows is NaN");
    }

    [TestMethod]
    public void Rolling_origins_train_on_the_rows_before_those_that_they_are_measured_on()
    {
        var rows = Context.Data.LoadFromEnumerable(Enumerable.Range(0, 3 * 100).Select(i => new Step
        {
            Series = (i % 3).ToString(CultureInfo.InvariantCulture), Time = new DateTime(2026, 1, 1).AddDays(i / 3), Value = i,
        }));
        var options = new BackTestOptions { TargetColumnName = "Value", TimeColumnName = "Time", SeriesColumnNames = ["Series"], Horizon = 5 };
        var folds = ExperimentFold.RollingOrigin(Context, rows, options, numberOfFolds: 4);
        CollectionAssert.AreEqual((string[])["40%", "55%", "70%", "85%"], folds.Select(fold => fold.Name).ToArray());
        CollectionAssert.AreEqual((int[])[120, 165, 210, 255], folds.Select(fold => fold.Train.GetColumn<float>("Value").Count()).ToArray());
        Assert.IsTrue(folds.All(fold => fold.Count == 9), "3 forecasts of 5 steps in 15, of 3 series");
        foreach (var fold in folds)
        {
            var reader = new LastRead();
            // The naive forecast repeats what was last known: each of 5 steps to come is 3, 6, ... 15 more.
            Assert.AreEqual(9, fold.Measure(reader.Of(Context, fold.Train)), 1e-4);
        }
        var order = SeriesOrder.Read(rows, "Time", ["Series"]);
        CollectionAssert.AreEqual(Enumerable.Range(180, 45).Select(i => (float)i).ToArray(), order.Part(25, 15, 0).GetColumn<float>("Value").ToArray());
        var (train, test) = Context.Data.SplitSeries(order.Before(25), 15, "Time", ["Series"], 7);
        CollectionAssert.AreEqual(train.GetColumn<float>("Value").ToArray(), order.Before(40).GetColumn<float>("Value").ToArray());
        CollectionAssert.AreEqual(test.GetColumn<float>("Value").ToArray(), order.Part(25, 15, 7).GetColumn<float>("Value").ToArray());
        Assert.IsEmpty(ExperimentFold.Stretches(20, 16, 5, 4).ToArray());
        CollectionAssert.AreEqual(((string, int, int)[])[("50%", 5, 5), ("75%", 0, 5)], ExperimentFold.Stretches(20, 10, 5, 4).ToArray());
    }

    private static string[] Figures(ExperimentResult<RecurrentRegressionTrainer.Options> result) =>
        [.. result.Trials.SelectMany(trial => trial.Folds.Select(fold => $"{trial.Trial.Number} {fold.Fold} {fold.Metric:R} {fold.Reason}"))];

    private static ExperimentFold[] Folds(Func<int, int, double> measure) =>
        [.. Enumerable.Range(0, 4).Select(i => new ExperimentFold($"fold {i}", Train, model => measure(Size(model), i)))];

    // Of the layer's line in the summary: its output has a number for each unit.
    private static int Size(ITransformer model) => int.Parse(
        Regex.Match(((RecurrentRegressionTransformer)model).Model.Summary(), @"lstm_1[^\n]*?, (\d+)\)").Groups[1].Value, CultureInfo.InvariantCulture);

    private static SearchSpace SizesAlone()
    {
        var space = SearchSpace.Create(Options());
        return space.Without([.. space.Dimensions.Select(dimension => dimension.Path)]).WithChoices("Network.HiddenSize", 9, 10, 11, 12, 13, 14);
    }

    private sealed class Step
    {
        public string Series { get; set; } = "";

        public DateTime Time { get; set; }

        public float Value { get; set; }
    }

    // A forecaster that repeats the last value.
    private sealed class LastRead
    {
        public ITransformer Of(MLContext context, IDataView rows) => context.Transforms.CustomMapping<Read, Told>(
            static (row, told) => told.Forecast = [row.Value, row.Value, row.Value, row.Value, row.Value], null).Fit(rows);
    }

    private sealed class Read
    {
        public float Value { get; set; }
    }

    private sealed class Told
    {
        [VectorType(5)]
        public float[] Forecast { get; set; } = [];
    }
}
