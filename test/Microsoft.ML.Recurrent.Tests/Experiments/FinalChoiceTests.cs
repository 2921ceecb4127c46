using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Experiments;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Experiments;

/// <summary>When a trial takes the place of the default.</summary>
[TestClass]
public sealed class FinalChoiceTests
{
    private static readonly ExperimentMetric s_error = new("error", false, (_, _) => 0), s_score = new("score", true, (_, _) => 0);

    private static readonly string[] s_folds = ["a", "b", "c", "d"];

    [TestMethod]
    public void A_trial_wins_only_if_it_is_better_on_the_folds_by_more_than_a_standard_error()
    {
        var first = Trial(1, 5, 10, 20, 40, 10);
        // Ratios .9, .9, .9, 1: mean .925, standard error .025.
        var steady = Trial(2, 4.5, 9, 18, 36, 10);
        // Ratios .6, 1.2, 1.1, .9: mean .95, standard error .13.
        var lucky = Trial(3, 3, 6, 24, 44, 9);
        var (final, chosen) = FinalChoice.Decide(s_folds, first, [lucky, steady], s_error);
        Assert.AreEqual(2, chosen.Trial.Number);
        Assert.AreEqual(0.925, final.Finalists[1].MeanRatio, 1e-12);
        Assert.AreEqual(0.025, final.Finalists[1].StandardError, 1e-12);
        Assert.IsFalse(final.Finalists[0].IsBetter);
        StringAssert.Contains(final.Reason, "Trial 2 takes the place of the default options: on 4 folds it has 0.925");
        var (alone, stays) = FinalChoice.Decide(s_folds, first, [lucky], s_error);
        Assert.AreEqual(1, stays.Trial.Number);
        StringAssert.Contains(alone.Reason, "The default options stay: no trial is better on the folds by more than a standard error. The nearest is trial 3");
    }

    [TestMethod]
    public void The_same_figures_as_scores_are_compared_the_other_way_round()
    {
        var (final, chosen) = FinalChoice.Decide(s_folds, Trial(1, 5, 0.9, 0.8, 0.7, 0.9), [Trial(2, 6, 0.95, 0.85, 0.75, 0.95)], s_score);
        Assert.AreEqual(2, chosen.Trial.Number);
        StringAssert.Contains(final.Reason, "on 4 folds the default has 0.942 of its score in the mean");
        var (_, stays) = FinalChoice.Decide(s_folds, Trial(1, 5, 0.95, 0.85, 0.75, 0.95), [Trial(2, 6, 0.9, 0.8, 0.7, 0.9)], s_score);
        Assert.AreEqual(1, stays.Trial.Number);
        // Metrics below zero, such as logarithms, are compared by differences.
        Assert.AreEqual(0.5, FinalChoice.Ratio(-2, -1, higherIsBetter: false), 1e-12);
        Assert.AreEqual(1.5, FinalChoice.Ratio(-2, -1, higherIsBetter: true), 1e-12);
        Assert.AreEqual(1, FinalChoice.Ratio(0, 0, higherIsBetter: true), 0);
    }

    [TestMethod]
    public void A_trial_that_fails_on_a_fold_or_has_few_of_them_does_not_win()
    {
        var first = Trial(1, 5, 10, 20, 40, 10);
        var failed = Trial(2, 3, 1, 1, 1, 1);
        failed = failed with { Folds = failed.Folds.SetItem(2, new("c", null, default, "no numbers")) };
        var (final, chosen) = FinalChoice.Decide(s_folds, first, [failed, Trial(3, 4, 1, 2)], s_error);
        Assert.AreEqual(1, chosen.Trial.Number);
        Assert.AreEqual("it failed on the fold c: no numbers", final.Finalists[0].Reason);
        StringAssert.Contains(final.Finalists[1].Reason, "2 folds were trained in time");
        // A fold on which the default failed counts for none.
        var gap = first with { Folds = first.Folds.SetItem(0, new("a", null, default, "no rows")) };
        var (_, better) = FinalChoice.Decide(s_folds, gap, [Trial(2, 4, 99, 18, 36, 9)], s_error);
        Assert.AreEqual(2, better.Trial.Number);
    }

    [TestMethod]
    public void Finalists_are_the_best_that_are_better_than_the_default_and_can_be_repeated()
    {
        var first = Trial(1, 5);
        TrialResult[] all = [first, Trial(2, 6), Trial(3, 3), Trial(4, 4), Trial(5, null), Trial(6, 1) with { State = TrialState.TimeOver }, Trial(7, 3),
            Trial(8, 4.5)];
        CollectionAssert.AreEqual((int[])[3, 7, 4], FinalChoice.Finalists(all, first, s_error, 3).Select(trial => trial.Trial.Number).ToArray());
        CollectionAssert.AreEqual((int[])[2], FinalChoice.Finalists(all, first, s_score, 3).Select(trial => trial.Trial.Number).ToArray());
    }

    [TestMethod]
    public void Few_folds_or_few_forecasts_are_too_few()
    {
        StringAssert.Contains(FinalChoice.WhyTooFew(2, 100), "room for 2 folds");
        StringAssert.Contains(FinalChoice.WhyTooFew(5, 9), "9 independent forecasts");
        Assert.IsNull(FinalChoice.WhyTooFew(3, 10));
        Assert.IsNull(FinalChoice.WhyTooFew(3, null));
    }

    [TestMethod]
    public void The_final_takes_a_share_of_the_time_and_less_trials_where_all_do_not_fit()
    {
        // A trial of 10 s has folds of 15 s.
        var clock = new TrialClock(TimeSpan.FromSeconds(100), refits: true, growth: 1.25, finalWork: 1.5);
        TrialResult Timed(int number) => Trial(number, 1) with { Elapsed = TimeSpan.FromSeconds(10), Epochs = 5 };
        TrialResult[] finalists = [Timed(2), Timed(3), Timed(4)];
        Assert.AreEqual(1, clock.Affordable(Timed(1), finalists), "40 s hold 15 for the default and 15 for one more");
        Assert.AreEqual(3, clock.Affordable(Timed(1), finalists, begins: true), "all of the time is left");
        Assert.IsFalse(clock.EndsTrials(Timed(2), Timed(1), finalists));
        Assert.AreEqual(3, new TrialClock(null, refits: true, growth: 1, finalWork: 1.5).Affordable(Timed(1), finalists));
        // 12.5 s of a refit leave time for trials in 50 s, but not with 30 s of the final, and margins, before it.
        var less = new TrialClock(TimeSpan.FromSeconds(75), refits: true, growth: 1.25, finalWork: 4);
        var slow = Timed(1) with { Elapsed = TimeSpan.FromSeconds(50) };
        Assert.IsTrue(less.EndsTrials(slow, slow, []));
        Assert.AreEqual(0, less.Affordable(slow, [slow]));
    }

    private static TrialResult Trial(int number, double? metric, params double[] folds) =>
        new(new Trial(number, 1, ImmutableSortedDictionary<string, string>.Empty))
        {
            State = TrialState.Completed,
            Metric = metric,
            Folds = [.. folds.Select((value, i) => new FoldResult(s_folds[i], value, default))],
        };
}
