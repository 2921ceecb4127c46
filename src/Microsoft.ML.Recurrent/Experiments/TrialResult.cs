using System.Collections.Immutable;
using System.Globalization;

namespace Microsoft.ML.Recurrent;

/// <summary>What became of a trial.</summary>
/// <param name="Trial">The trial.</param>
public sealed record TrialResult(Trial Trial)
{
    /// <summary>How it ended.</summary>
    public TrialState State { get; init; }

    /// <summary>The metric of the experiment, on the validation rows; null for a trial that runs or failed.</summary>
    public double? Metric { get; init; }

    /// <summary>Why a trial failed or was ended; null for others.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// By epoch, <see cref="ExperimentMetric.WhileTraining"/> on the part of the training rows that training holds out; empty where it holds out none.
    /// </summary>
    public ImmutableArray<double> Curve { get; init; } = [];

    /// <summary>
    /// Its results on the folds of the final, in the order of the folds as far as they are trained; empty for a trial that is not in the final.
    /// </summary>
    public ImmutableArray<FoldResult> Folds { get; init; } = [];

    /// <summary>The epochs that were completed.</summary>
    public int Epochs { get; init; }

    /// <summary>The epoch whose weights the model has, from 1; 0 if none was completed.</summary>
    public int BestEpoch { get; init; }

    /// <summary>The time of training and measuring, with one thread.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Whether it has a metric, or never will.</summary>
    public bool IsFinished => State is not TrialState.Running;

    /// <summary>Number, options, metric and how it ended.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Trial}: {(Metric is { } metric ? $"{metric:G6}" : "no metric")}, {State} after {Epochs} epochs{(Reason is null ? "" : $" ({Reason})")}");

    /// <inheritdoc/>
    public bool Equals(TrialResult? other) => other is not null && Trial == other.Trial && State == other.State && Metric == other.Metric
        && Reason == other.Reason && Curve.SequenceEqual(other.Curve) && Epochs == other.Epochs && BestEpoch == other.BestEpoch && Elapsed == other.Elapsed
        && Folds.SequenceEqual(other.Folds);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Trial, State, Metric, Epochs);
}
