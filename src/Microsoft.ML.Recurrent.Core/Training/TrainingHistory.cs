using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent;

/// <summary>How a training run went: one entry an epoch, which epoch's weights were kept, and why the run ended.</summary>
/// <remarks>
/// <see cref="Elapsed"/> and <see cref="EpochResult.SequencesPerSecond"/> are read from the clock and differ from run to run. A model's file leaves them out,
/// so that the same seed gives the same bytes: they are known after Fit, and null in a model that was loaded.
/// </remarks>
public sealed record TrainingHistory
{
    /// <summary>The epochs, in order.</summary>
    public required ImmutableArray<EpochResult> Epochs { get; init; }

    /// <summary>The epoch whose weights the model holds, from 1; 0 where no epoch ended.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Why the run ended.</summary>
    public required TrainingEnd End { get; init; }

    /// <summary>How long the run took; null in a model that was loaded from a file, and in one that was not trained here.</summary>
    [JsonIgnore]
    public TimeSpan? Elapsed { get; init; }
}

/// <summary>One epoch's figures.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Loss">Mean training loss.</param>
/// <param name="ValidationLoss">Mean validation loss, or null where there is no validation set.</param>
/// <param name="LearningRate">The learning rate at its end.</param>
/// <param name="SequencesPerSecond">Sequences trained a second, validation not counted; null in a model that was loaded from a file.</param>
public sealed record EpochResult(int Epoch, double Loss, double? ValidationLoss, double LearningRate, [property: JsonIgnore] double? SequencesPerSecond = null)
{
    /// <summary>Where another metric than the loss decides when to stop: what it was of the validation set; else null.</summary>
    public double? ValidationMetric { get; init; }

    /// <summary>Of a language model: the validation perplexity, exp of <see cref="ValidationLoss"/>, or null where there is no validation set.</summary>
    [JsonIgnore]
    public double? ValidationPerplexity => ValidationLoss is { } loss ? Math.Exp(loss) : null;
}

/// <summary>Why a training run ended.</summary>
public enum TrainingEnd
{
    /// <summary>All epochs ran.</summary>
    Completed,

    /// <summary>The validation loss, or the metric chosen instead, no longer improved.</summary>
    EarlyStopping,

    /// <summary>The caller asked for it; the best weights so far were kept.</summary>
    Cancelled,
}
