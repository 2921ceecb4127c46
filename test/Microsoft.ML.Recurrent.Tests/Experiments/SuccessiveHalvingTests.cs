using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Experiments;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Experiments;

/// <summary>Which trials go on at a rung, against figures that were worked out by hand.</summary>
[TestClass]
public sealed class SuccessiveHalvingTests
{
    [TestMethod]
    public void Of_the_trials_at_a_rung_one_in_eta_goes_on_and_the_best_in_any_case()
    {
        var halving = new SuccessiveHalving(3, 2, higherIsBetter: false, byNumber: false);
        // By the best of two epochs: 5, 4, 6, 3, 4.5, 3.5.
        double[][] curves = [[5, 5.5], [9, 4], [6, 7], [3, 8], [4.5, 4.5], [3.5, 9]];
        bool[] expected = [true, true, false, true, false, true];
        for (var i = 0; i < curves.Length; i++)
        {
            halving.Begin(Running(i + 1));
            halving.Record(i + 1, 1, curves[i][0]);
            Assert.IsTrue(halving.Continues(i + 1, 1, out _, default), "1 is no rung");
            halving.Record(i + 1, 2, curves[i][1]);
            Assert.AreEqual(expected[i], halving.Continues(i + 1, 2, out var reason, default), $"trial {i + 1}");
            Assert.AreEqual(expected[i], reason is null);
        }
    }

    [TestMethod]
    public void Rungs_are_eta_times_the_one_before()
    {
        var halving = new SuccessiveHalving(3, 2, higherIsBetter: true, byNumber: false);
        halving.Begin(Running(1));
        halving.Begin(Running(2));
        int[] ended = [.. Enumerable.Range(1, 60).Where(epoch =>
        {
            halving.Record(1, epoch, 1);
            halving.Record(2, epoch, 0.5);
            return !halving.Continues(2, epoch, out _, default);
        })];
        CollectionAssert.AreEqual(new[] { 2, 6, 18, 54 }, ended);
    }

    [TestMethod]
    public void A_trial_that_ended_by_itself_stands_at_all_rungs_and_one_that_was_ended_does_not()
    {
        var halving = new SuccessiveHalving(3, 2, higherIsBetter: false, byNumber: false);
        halving.Begin(Running(1));
        for (var epoch = 1; epoch <= 4; epoch++) halving.Record(1, epoch, 1);
        halving.End(1, TrialState.Completed);
        halving.Begin(Running(2));
        halving.Record(2, 1, 0.1);
        halving.Record(2, 2, 0.1);
        halving.End(2, TrialState.EndedEarly);
        halving.Begin(Running(3));
        halving.End(3, TrialState.Failed);
        halving.Begin(Running(4));
        for (var epoch = 1; epoch <= 6; epoch++) halving.Record(4, epoch, 0.9);
        Assert.IsTrue(halving.Continues(4, 6, out _, default), "trial 2 is not there");
        halving.Begin(Running(5));
        for (var epoch = 1; epoch <= 6; epoch++) halving.Record(5, epoch, 0.95);
        Assert.IsFalse(halving.Continues(5, 6, out _, default), "trial 4 is better");
    }

    [TestMethod]
    public void The_default_trial_always_goes_on()
    {
        var halving = new SuccessiveHalving(3, 2, higherIsBetter: false, byNumber: false);
        for (var trial = 4; trial >= 1; trial--)
        {
            halving.Begin(Running(trial));
            halving.Record(trial, 1, trial == 1 ? 9 : 1);
            halving.Record(trial, 2, trial == 1 ? 9 : 1);
        }
        Assert.IsTrue(halving.Continues(1, 2, out _, default));
    }

    [TestMethod]
    public void Values_that_are_not_finite_are_the_worst()
    {
        foreach (var higher in new[] { true, false })
        {
            var halving = new SuccessiveHalving(2, 1, higher, byNumber: false);
            foreach (var (trial, value) in new[] { (3, 1), (2, double.NaN) })
            {
                halving.Begin(Running(trial));
                halving.Record(trial, 1, value);
            }
            Assert.IsTrue(halving.Continues(3, 1, out _, default));
            Assert.IsFalse(halving.Continues(2, 1, out _, default));
        }
    }

    [TestMethod]
    public void By_number_a_trial_waits_for_those_before_it_and_heeds_none_after_it()
    {
        var halving = new SuccessiveHalving(2, 1, higherIsBetter: false, byNumber: true);
        for (var trial = 1; trial <= 3; trial++) halving.Begin(Running(trial));
        halving.Record(3, 1, 0);
        halving.Record(2, 1, 5);
        var second = Task.Run(() => halving.Continues(2, 1, out _, default));
        Assert.IsFalse(second.Wait(100), "trial 1 is not there yet");
        halving.Record(1, 1, 6);
        Assert.IsTrue(second.Wait(TimeSpan.FromSeconds(20)));
        Assert.IsTrue(second.Result, "trial 3 was better, but comes after it");
        Assert.IsTrue(halving.Continues(3, 1, out _, default));
        using var cancellation = new CancellationTokenSource();
        halving.Begin(Running(4));
        halving.Begin(Running(5));
        halving.Record(5, 1, 9);
        var last = Task.Run(() => halving.Continues(5, 1, out _, cancellation.Token));
        cancellation.Cancel();
        Assert.IsTrue(last.Wait(TimeSpan.FromSeconds(20)));
    }

    [TestMethod]
    public void What_was_decided_is_decided_again_from_the_values_that_were_kept()
    {
        var halving = new SuccessiveHalving(2, 1, higherIsBetter: false, byNumber: true);
        halving.Begin(Running(1) with { Curve = [1, 1, 1], State = TrialState.Completed });
        halving.Begin(Running(2) with { Curve = [0.5, 2] });
        halving.Begin(Running(3) with { Curve = [0.6, 0.6, 0.6] });
        Assert.IsNull(halving.EndedAt(2, default));
        Assert.AreEqual(1, halving.EndedAt(3, default));
    }

    private static TrialResult Running(int number) => new(new Trial(number, 1, ImmutableSortedDictionary<string, string>.Empty));
}
