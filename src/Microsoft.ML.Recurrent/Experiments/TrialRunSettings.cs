namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>What observes a trial.</summary>
internal sealed record TrialRunSettings
{
    /// <summary>Compares its epochs with those of others; null for a trial that runs alone.</summary>
    public SuccessiveHalving? Halving { get; init; }

    /// <summary>The metric of an epoch.</summary>
    public ValidationMetric? Watched { get; init; }

    /// <summary>Keeps the trial so far.</summary>
    public Action<TrialResult>? EpochEnded { get; init; }

    /// <summary>The epoch after which it ends; null for none.</summary>
    public int? MaximumEpoch { get; init; }

    public string? CheckpointFolder { get; init; }

    /// <summary>Training threads; null for those of the options.</summary>
    public int? NumberOfThreads { get; init; }

    public bool IsRefit { get; init; }

    /// <summary>The fold of the final; null for others.</summary>
    public string? Fold { get; init; }
}
