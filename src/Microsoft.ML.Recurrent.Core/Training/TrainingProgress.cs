namespace Microsoft.ML.Recurrent;

/// <summary>The progress of a training run. Losses are means over rows, in the normalized space of the network.</summary>
public sealed record TrainingProgress
{
    /// <summary>The current epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The maximum number of epochs; early stopping may end the run earlier.</summary>
    public required int MaximumNumberOfEpochs { get; init; }

    /// <summary>Completed batches of this epoch.</summary>
    public required int Batch { get; init; }

    /// <summary>Batches per epoch.</summary>
    public required int BatchesPerEpoch { get; init; }

    /// <summary>Mean training loss of this epoch so far.</summary>
    public required double Loss { get; init; }

    /// <summary>Validation loss of the last validated epoch, or null.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>The best validation loss so far, or null.</summary>
    public double? BestValidationLoss { get; init; }

    /// <summary>The last value of the validation metric used for early stopping; null if that is the loss.</summary>
    public double? ValidationMetric { get; init; }

    /// <summary>For a language model: the perplexity of the last validation, exp of <see cref="ValidationLoss"/>; null for other models.</summary>
    public double? ValidationPerplexity => HasPerplexity && ValidationLoss is { } loss ? Math.Exp(loss) : null;

    /// <summary>Training sequences per second in this epoch.</summary>
    public required double SequencesPerSecond { get; init; }

    /// <summary>Time since the start of the run.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>
    /// Estimated remaining time if all epochs run, from the batches after the first one, which includes the compilation of code; null before the second.
    /// </summary>
    public required TimeSpan? Remaining { get; init; }

    /// <summary>Whether this epoch and its validation are complete.</summary>
    public bool EpochEnded { get; init; }

    /// <summary>Why the run ended, in its last report; null in all others.</summary>
    public TrainingEnd? End { get; init; }

    /// <summary>In the last report, the epoch whose weights the model has, from 1 (0 if none was completed); null in all others.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>The last value of the metric that is watched besides that of early stopping; null for none.</summary>
    internal double? WatchedMetric { get; init; }

    /// <summary>Whether the losses are cross-entropies per token.</summary>
    internal bool HasPerplexity { get; init; }
}
