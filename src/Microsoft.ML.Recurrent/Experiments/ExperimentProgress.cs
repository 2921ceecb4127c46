using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent;

/// <summary>The progress of an experiment: reported a few times per second, by one thread.</summary>
public sealed record ExperimentProgress
{
    /// <summary>The trials that are being trained, by number; the fits of the final or the refit, if that has begun.</summary>
    public required ImmutableArray<TrialProgress> Running { get; init; }

    /// <summary>The trials that have ended, by number.</summary>
    public required ImmutableArray<TrialResult> Finished { get; init; }

    /// <summary>The best trial so far; null before the first.</summary>
    public required TrialResult? Best { get; init; }

    /// <summary>The number of trials, if it is limited.</summary>
    public required int? MaximumTrials { get; init; }

    /// <summary>The time since the start.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>
    /// The time that is left: of the maximum time, or estimated by the trials so far; null where neither is known.
    /// </summary>
    public required TimeSpan? Remaining { get; init; }
}
