using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Experiments;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Experiments;

/// <summary>Which trial is the best.</summary>
[TestClass]
public sealed class TrialChoiceTests
{
    private static readonly ExperimentMetric s_error = new("error", false, (_, _) => 0) { WhileTraining = ValidationMetric.MeanAbsoluteError };

    private static readonly ExperimentMetric s_gain = new("gain", true, (_, _) => 0) { WhileTraining = ValidationMetric.Accuracy };

    [TestMethod]
    public void The_best_on_the_validation_rows_has_to_be_as_good_as_the_default_on_the_rows_that_training_holds_out()
    {
        TrialResult[] trials = [Trial(1, 10, 5, 4), Trial(2, 8, 4.5, 4.05), Trial(3, 9, 4.03), Trial(4, null, 1)];
        Assert.AreEqual(3, TrialChoice.Best(trials, s_error)?.Trial.Number);
        Assert.AreEqual(1, TrialChoice.Best([.. trials[..2]], s_error)?.Trial.Number);
        Assert.AreEqual(2, TrialChoice.Best([.. trials[1..]], s_error)?.Trial.Number, "the default has no result yet");
        TrialResult[] gains = [Trial(1, 0.8, 0.7, 0.9), Trial(2, 0.9, 0.88), Trial(3, 0.85, 0.892)];
        Assert.AreEqual(3, TrialChoice.Best(gains, s_gain)?.Trial.Number);
    }

    [TestMethod]
    public void Without_such_rows_the_metric_decides_and_of_equal_ones_the_number()
    {
        Assert.AreEqual(2, TrialChoice.Best([Trial(1, 10), Trial(2, 8), Trial(3, 8)], s_error)?.Trial.Number);
        Assert.AreEqual(1, TrialChoice.Best([Trial(1, 10, 3), Trial(2, 8)], s_error)?.Trial.Number, "the trial held out nothing, the default did");
        Assert.IsNull(TrialChoice.Best([Trial(1, null), Trial(2, null, 3)], s_error));
        Assert.AreEqual(2, TrialChoice.Best([Trial(1, null), Trial(2, 3, 3)], s_error)?.Trial.Number);
    }

    [TestMethod]
    public void A_trial_that_the_time_has_ended_cannot_be_repeated_and_counts_only_where_there_is_no_other()
    {
        var cut = Trial(3, 1) with { State = TrialState.TimeOver };
        Assert.AreEqual(2, TrialChoice.Best([Trial(1, 10), Trial(2, 8), cut], s_error)?.Trial.Number);
        Assert.AreEqual(3, TrialChoice.Best([Trial(1, null), cut], s_error)?.Trial.Number);
        // The default, where it was cut, is no measure of the others.
        Assert.AreEqual(2, TrialChoice.Best([Trial(1, 1, 1) with { State = TrialState.TimeOver }, Trial(2, 8, 5)], s_error)?.Trial.Number);
    }

    private static TrialResult Trial(int number, double? metric, params double[] curve) =>
        new(new Trial(number, 1, ImmutableSortedDictionary<string, string>.Empty)) { State = TrialState.Completed, Metric = metric, Curve = [.. curve] };
}
