namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>Chooses the best trial.</summary>
/// <remarks>
/// The best of many on a few validation rows is often the luckiest. A trial therefore takes the place of the default only if the rows that training holds out
/// agree: there it has to be as good as the default, but for a hundredth. On rows that no trial had seen, trials that were chosen without this rule were worse
/// than the default on some of the sets by which defaults are chosen (docs/research/search.md). A trial that the time has ended in the middle of an epoch
/// cannot be repeated, so it counts only where no other has a metric.
/// </remarks>
internal static class TrialChoice
{
    private const double Tolerance = 0.01;

    /// <summary>The best trial, the lower number of equal ones; null where none has a metric.</summary>
    public static TrialResult? Best(IReadOnlyCollection<TrialResult> trials, ExperimentMetric metric)
    {
        TrialResult? best = null;
        TrialResult[] measured = [.. trials.Where(static trial => trial.Metric is not null).OrderBy(static trial => trial.Trial.Number)];
        TrialResult[] repeatable = [.. measured.Where(static trial => trial.State is not (TrialState.TimeOver or TrialState.Running))];
        var candidates = repeatable.Length > 0 ? repeatable : measured;
        var first = candidates.FirstOrDefault(static trial => trial.Trial.Number == 1);
        foreach (var trial in candidates)
        {
            if (first is not null && !Agrees(trial, first, metric)) continue;
            if (best is null || metric.IsBetter(trial.Metric!.Value, best.Metric!.Value)) best = trial;
        }
        return best;
    }

    private static bool Agrees(TrialResult trial, TrialResult first, ExperimentMetric metric)
    {
        if (first.Curve.IsEmpty || trial == first) return true;
        if (trial.Curve.IsEmpty) return false;
        return metric.WhileTraining.IsGain() ? trial.Curve.Max() >= first.Curve.Max() - Tolerance * Math.Abs(first.Curve.Max())
            : trial.Curve.Min() <= first.Curve.Min() + Tolerance * Math.Abs(first.Curve.Min());
    }
}
