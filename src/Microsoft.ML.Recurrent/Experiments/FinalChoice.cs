using System.Collections.Immutable;
using System.Globalization;

namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>Chooses between the default and the trials of the final.</summary>
/// <remarks>
/// A trial takes the place of the default only if its mean ratio to the default over the folds is below 1 by more than a standard error: the one-standard-error
/// rule of Breiman et al. (1984), with the default as the simpler model. The constants were chosen by docs/research/search.md.
/// </remarks>
internal static class FinalChoice
{
    /// <summary>The fewest folds of which a spread can be told.</summary>
    public const int FewestFolds = 3;

    // Overlapping forecasts miss in the same places: so many that do not overlap are the fewest that tell trials apart.
    private const int FewestAnswers = 10;

    /// <summary>Why the folds cannot tell trials apart; null if they can.</summary>
    public static string? WhyTooFew(IReadOnlyList<ExperimentFold> folds) =>
        WhyTooFew(folds.Count, folds.Any(static fold => fold.Count is null) ? null : folds.Sum(static fold => fold.Count!.Value));

    /// <inheritdoc cref="WhyTooFew(IReadOnlyList{ExperimentFold})"/>
    /// <param name="folds">The number of folds.</param>
    /// <param name="answers">Their independent answers; null if unknown.</param>
    public static string? WhyTooFew(int folds, int? answers) =>
        folds < FewestFolds ? Say($"The default options stay: the rows have room for {folds} folds, and fewer than {FewestFolds} do not tell trials apart.")
        : answers < FewestAnswers
            ? Say($"The default options stay: the folds hold {answers} independent forecasts or rows, fewer than {FewestAnswers} do not tell trials apart.")
        : null;

    /// <summary>The trials for the final: the best ones that are better than the default on the validation rows.</summary>
    public static ImmutableArray<TrialResult> Finalists(IEnumerable<TrialResult> trials, TrialResult first, ExperimentMetric metric, int most) =>
        [.. trials.Where(trial => trial.Trial.Number != first.Trial.Number && trial.Metric is { } value && metric.IsBetter(value, first.Metric!.Value)
                && trial.State is TrialState.Completed or TrialState.EndedEarly && trial.Metric is not null)
            .OrderBy(trial => metric.HigherIsBetter ? -trial.Metric!.Value : trial.Metric!.Value).ThenBy(static trial => trial.Trial.Number).Take(most)];

    /// <summary>Compares finalists with the default.</summary>
    /// <param name="folds">The names of the folds.</param>
    /// <param name="first">The default.</param>
    /// <param name="finalists">The others, with their results on the folds.</param>
    /// <param name="metric">The metric.</param>
    /// <returns>The final, and the trial that is chosen.</returns>
    public static (ExperimentFinal Final, TrialResult Chosen) Decide(IReadOnlyList<string> folds, TrialResult first, IReadOnlyList<TrialResult> finalists,
        ExperimentMetric metric)
    {
        ImmutableArray<Finalist> compared = [.. finalists.Select(trial => Compare(folds, first, trial, metric))];
        var best = compared.Where(static one => one.IsBetter).MinBy(static one => one.MeanRatio);
        var reason = best is not null ? Say($"Trial {best.Trial} takes the place of the default options: {best.Reason}")
            : compared.IsEmpty ? "The default options stay: no trial was better on the validation rows."
            : Say($"The default options stay: no trial is better on the folds by more than a standard error. {Nearest(compared)}");
        return (new([.. folds], compared, reason), best is null ? first : finalists.First(trial => trial.Trial.Number == best.Trial));
    }

    /// <summary>A trial's error over the default's, the inverse for scores. Where these are not positive, 1 plus their difference over the larger.</summary>
    public static double Ratio(double trial, double first, bool higherIsBetter)
    {
        if (trial > 0 && first > 0) return higherIsBetter ? first / trial : trial / first;
        var (difference, scale) = (higherIsBetter ? first - trial : trial - first, Math.Max(Math.Abs(trial), Math.Abs(first)));
        return scale == 0 ? 1 : 1 + difference / scale;
    }

    private static Finalist Compare(IReadOnlyList<string> folds, TrialResult first, TrialResult trial, ExperimentMetric metric)
    {
        if (folds.Select(fold => Of(trial, fold)).FirstOrDefault(static fold => fold is { Metric: null }) is { } failed)
            return new(trial.Trial.Number, []) { Reason = Say($"it failed on the fold {failed.Fold}: {failed.Reason}") };
        var compared = new Finalist(trial.Trial.Number, [.. folds.Select(fold => Of(first, fold)?.Metric is { } known && Of(trial, fold)?.Metric is { } own
            ? Ratio(own, known, metric.HigherIsBetter) : double.NaN)])
        { Reason = "" };
        var count = compared.Ratios.Count(static ratio => !double.IsNaN(ratio));
        if (count < FewestFolds)
            return compared with { Reason = Say($"{count} folds were trained in time, and fewer than {FewestFolds} do not tell trials apart.") };
        var isBetter = compared.MeanRatio + compared.StandardError < 1;
        return compared with
        {
            IsBetter = isBetter,
            Reason = $"on {count} folds {(metric.HigherIsBetter ? "the default has" : "it has")} " + Say($"{compared.MeanRatio:F3} of ")
                + (metric.HigherIsBetter ? $"its {metric.Name}" : $"the default's {metric.Name}")
                + Say($" in the mean, standard error {compared.StandardError:F3}."),
        };
    }

    private static FoldResult? Of(TrialResult trial, string fold) => trial.Folds.FirstOrDefault(one => one.Fold == fold);

    private static string Nearest(ImmutableArray<Finalist> compared) =>
        compared.Where(static one => !double.IsNaN(one.MeanRatio)).MinBy(static one => one.MeanRatio) is { } nearest
            ? Say($"The nearest is trial {nearest.Trial}: {nearest.Reason}") : compared[0].ToString();

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
