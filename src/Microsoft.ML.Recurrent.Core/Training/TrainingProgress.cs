namespace Microsoft.ML.Recurrent;

/// <summary>Where a training run stands. Losses are means over rows, in the network's normalised space.</summary>
public sealed record TrainingProgress
{
    /// <summary>The epoch that runs, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs at the most; early stopping may end the run before.</summary>
    public required int MaximumNumberOfEpochs { get; init; }

    /// <summary>Batches done in this epoch.</summary>
    public required int Batch { get; init; }

    /// <summary>Batches in one epoch.</summary>
    public required int BatchesPerEpoch { get; init; }

    /// <summary>Mean training loss of this epoch so far.</summary>
    public required double Loss { get; init; }

    /// <summary>Validation loss of the last epoch that was validated, or null.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>The best validation loss so far, or null.</summary>
    public double? BestValidationLoss { get; init; }

    /// <summary>Where another metric than the loss decides when to stop: what it was of the last validation; else null.</summary>
    public double? ValidationMetric { get; init; }

    /// <summary>Of a language model: the perplexity of the last validation, exp of <see cref="ValidationLoss"/>, or null.</summary>
    public double? ValidationPerplexity => ValidationLoss is { } loss ? Math.Exp(loss) : null;

    /// <summary>Sequences trained a second, over this epoch.</summary>
    public required double SequencesPerSecond { get; init; }

    /// <summary>Time since the run began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Time left if all epochs run.</summary>
    public required TimeSpan Remaining { get; init; }

    /// <summary>Whether this epoch has ended (its validation included).</summary>
    public bool EpochEnded { get; init; }
}
