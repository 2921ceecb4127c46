using System.Diagnostics;

namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>The time of an experiment, and what has to be left of it for the refit and for measuring the trials that it ends.</summary>
/// <param name="limit">The time; null for no limit.</param>
/// <param name="refits">Whether the best trial will be trained again.</param>
/// <param name="growth">Rows of the refit for each row of a trial.</param>
/// <param name="finalWork">The time of a trial in the final over that of the trial; 0 without a final.</param>
internal sealed class TrialClock(TimeSpan? limit, bool refits, double growth, double finalWork = 0)
{
    // Estimates are of a machine that other programs use, too.
    private const double Margin = 1.2;

    // A hundredth of the time for what an end takes at least.
    private const double Ending = 0.01;

    // The most of the time that the final takes from the trials.
    private const double FinalShare = 0.4;

    // Where fits take no time, beginning and ending them does.
    private const double FinalLeast = 0.05;

    private readonly long _started = Stopwatch.GetTimestamp();
    private TimeSpan _measure;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <summary>The time that is left; null for no limit.</summary>
    public TimeSpan? Left => limit is { } all ? Max(TimeSpan.Zero, all - Elapsed) : null;

    /// <summary>The time after which no trial may train.</summary>
    public TimeSpan ForMeasuring => Max(_measure * Margin, limit.GetValueOrDefault() * Ending);

    /// <summary>Tells how long measuring a model took.</summary>
    public void Measured(TimeSpan time) => _measure = Max(_measure, time);

    /// <summary>Whether trials other than the first have to end, so that there is time for the refit of the best.</summary>
    /// <param name="best">The best trial so far; null before the first.</param>
    /// <param name="first">The default trial, if it has ended.</param>
    /// <param name="finalists">The trials that the final would have now.</param>
    public bool EndsTrials(TrialResult? best, TrialResult? first, IReadOnlyList<TrialResult> finalists) => IsOver(
        (best is null ? TimeSpan.Zero : RefitTime(best, first)) + (first is null ? TimeSpan.Zero : FinalTime(first, finalists, Affordable(first, finalists))));

    /// <summary>How many of the trials the final has time for, in the share of it or in what is left before the refit.</summary>
    /// <param name="first">The default trial.</param>
    /// <param name="finalists">The trials, the best first.</param>
    /// <param name="begins">Whether it begins now.</param>
    public int Affordable(TrialResult first, IReadOnlyList<TrialResult> finalists, bool begins = false)
    {
        if (limit is not { } all) return finalists.Count;
        var time = begins ? Left!.Value - ForMeasuring - RefitTime(first, first) : all * FinalShare;
        var count = finalists.Count;
        while (count > 0 && FinalTime(first, finalists, count) > time) count--;
        // At its beginning one is worth a try: folds that end in time may be enough.
        return begins && time > TimeSpan.Zero ? Math.Max(count, Math.Min(1, finalists.Count)) : count;
    }

    /// <summary>Whether the final has to end, so that there is time for the refit.</summary>
    /// <param name="first">The default trial.</param>
    /// <param name="finalists">The other trials.</param>
    public bool EndsFinal(TrialResult first, IReadOnlyList<TrialResult> finalists) =>
        IsOver(finalists.Select(trial => RefitTime(trial, first)).Append(RefitTime(first, first)).Max());

    /// <summary>Whether a trial has to end: if it became the best now, there would be just enough time to train it again.</summary>
    /// <param name="elapsed">How long it has been running.</param>
    public bool EndsTrial(TimeSpan elapsed) => IsOver(elapsed * growth + Min(limit.GetValueOrDefault() * FinalShare, elapsed * (2 * finalWork)));

    /// <summary>Whether the default trial has to end, too.</summary>
    public bool EndsAll => Left is { } left && left <= ForMeasuring;

    /// <summary>Whether the refit is worth beginning.</summary>
    public bool AllowsRefit(TrialResult best, TrialResult? first) => Left is not { } left || left >= RefitTime(best, first) * 0.5;

    private bool IsOver(TimeSpan refit) => Left is { } left && left <= ForMeasuring + (refits ? refit * Margin : TimeSpan.Zero);

    private TimeSpan RefitTime(TrialResult best, TrialResult? first) => FullTime(best, first) * growth;

    private TimeSpan FinalTime(TrialResult first, IReadOnlyList<TrialResult> finalists, int count) => count == 0 || finalWork == 0 ? TimeSpan.Zero
        : Max(limit.GetValueOrDefault() * FinalLeast,
            finalists.Take(count).Aggregate(first.Elapsed, (sum, trial) => sum + FullTime(trial, first)) * finalWork);

    // A trial that was ended early is trained on.
    private static TimeSpan FullTime(TrialResult trial, TrialResult? first) =>
        trial.Elapsed * ((double)Math.Max(trial.Epochs, first?.Epochs ?? 0) / Math.Max(1, trial.Epochs));

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
