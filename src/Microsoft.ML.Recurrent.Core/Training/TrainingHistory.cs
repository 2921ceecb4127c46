using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Microsoft.ML.Recurrent;

/// <summary>The history of a training run: one entry per epoch, the epoch whose weights were kept, and why the run ended.</summary>
/// <remarks>
/// <see cref="Elapsed"/> and <see cref="EpochResult.SequencesPerSecond"/> are measured and differ between runs. They are not saved, so that the same seed gives
/// the same file, and are null in a loaded model.
/// </remarks>
public sealed record TrainingHistory
{
    /// <summary>The epochs, in order.</summary>
    public required ImmutableArray<EpochResult> Epochs { get; init; }

    /// <summary>The epoch whose weights the model holds, from 1; 0 if no epoch was completed.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Why the run ended.</summary>
    public required TrainingEnd End { get; init; }

    /// <summary>The duration of the run; null in a loaded model.</summary>
    [JsonIgnore]
    public TimeSpan? Elapsed { get; init; }

    /// <summary>The search of the learning rate before training; null if the options gave the rate.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LearningRateCurve? LearningRateSearch { get; init; }

    /// <summary>The training loss of the first batch, before any update; null if the run did not begin with it.</summary>
    [JsonIgnore]
    internal double? InitialLoss { get; init; }

    /// <summary>Why training diverged; null if it did not.</summary>
    [JsonIgnore]
    internal string? Divergence { get; init; }
}

/// <summary>The result of one epoch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Loss">Mean training loss.</param>
/// <param name="ValidationLoss">Mean validation loss; null without a validation set.</param>
/// <param name="LearningRate">The learning rate at the end of the epoch.</param>
/// <param name="SequencesPerSecond">Training sequences per second, without validation; null in a loaded model.</param>
public sealed record EpochResult(int Epoch, double Loss, double? ValidationLoss, double LearningRate, [property: JsonIgnore] double? SequencesPerSecond = null)
{
    /// <summary>The validation metric used for early stopping; null if that is the loss.</summary>
    public double? ValidationMetric { get; init; }

    /// <summary>
    /// For a language model or a translation: the validation perplexity, exp of <see cref="ValidationLoss"/>; null without a validation set, and for other
    /// models.
    /// </summary>
    [JsonIgnore]
    public double? ValidationPerplexity => HasPerplexity && ValidationLoss is { } loss ? Math.Exp(loss) : null;

    /// <summary>Whether the losses are cross-entropies per token.</summary>
    internal bool HasPerplexity { get; init; }

    /// <summary>The values, without those that this run does not have: a perplexity, for example, if it is no language model.</summary>
    public override string ToString()
    {
        var speed = SequencesPerSecond is { } value ? $", SequencesPerSecond = {value}" : "";
        var metric = ValidationMetric is { } one ? $", ValidationMetric = {one}" : "";
        var perplexity = ValidationPerplexity is { } exp ? $", ValidationPerplexity = {exp}" : "";
        return $"EpochResult {{ Epoch = {Epoch}, Loss = {Loss}, ValidationLoss = {ValidationLoss}, LearningRate = {LearningRate}{speed}{metric}{perplexity} }}";
    }
}

/// <summary>Why a training run ended.</summary>
public enum TrainingEnd
{
    /// <summary>All epochs ran.</summary>
    Completed,

    /// <summary>The validation loss, or the chosen metric, stopped improving.</summary>
    EarlyStopping,

    /// <summary>The run was cancelled; the best weights so far were kept.</summary>
    Cancelled,

    /// <summary>A loss or gradient was no longer finite; the best weights of the epochs before were kept, and a warning says where and why.</summary>
    Diverged,

    /// <summary>The maximum training time was over; the best weights so far were kept.</summary>
    TimeLimit,
}
