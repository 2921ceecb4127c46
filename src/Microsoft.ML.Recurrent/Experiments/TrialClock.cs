using System.Diagnostics;

namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>The time of an experiment, and what has to be left of it for the refit and for measuring the trials that it ends.</summary>
/// <param name="limit">The time; null for no limit.</param>
/// <param name="refits">Whether the best trial will be trained again.</param>
/// <param name="growth">Rows of the refit for each row of a trial.</param>
internal sealed class TrialClock(TimeSpan? limit, bool refits, double growth)
{
    // Estimates are of a machine that other programs use, too.
    private const double Margin = 1.2;

    // A hundredth of the time for what an end takes at least.
    private const double Ending = 0.01;

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
    public bool EndsTrials(TrialResult? best, TrialResult? first) => IsOver(best is null ? TimeSpan.Zero : RefitTime(best, first));

    /// <summary>Whether a trial has to end: if it became the best now, there would be just enough time to train it again.</summary>
    /// <param name="elapsed">How long it has been running.</param>
    public bool EndsTrial(TimeSpan elapsed) => IsOver(elapsed * growth);

    /// <summary>Whether the default trial has to end, too.</summary>
    public bool EndsAll => Left is { } left && left <= ForMeasuring;

    /// <summary>Whether the refit is worth beginning.</summary>
    public bool AllowsRefit(TrialResult best, TrialResult? first) => Left is not { } left || left >= RefitTime(best, first) * 0.5;

    private bool IsOver(TimeSpan refit) => Left is { } left && left <= ForMeasuring + (refits ? refit * Margin : TimeSpan.Zero);

    // A trial that was ended early is trained on.
    private TimeSpan RefitTime(TrialResult best, TrialResult? first)
    {
        var epochs = Math.Max(best.Epochs, first?.Epochs ?? 0);
        return best.Elapsed * (growth * epochs / Math.Max(1, best.Epochs));
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
