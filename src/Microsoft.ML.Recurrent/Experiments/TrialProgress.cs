using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent;

/// <summary>A trial that is being trained.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="Epoch">The current epoch, from 1; 0 before the first.</param>
/// <param name="MaximumNumberOfEpochs">The most epochs that it may take.</param>
/// <param name="Loss">The training loss of this epoch so far; null before the first batch.</param>
/// <param name="ValidationLoss">The loss of the last epoch on the rows that training holds out; null for none.</param>
/// <param name="Curve"><see cref="TrialResult.Curve"/> so far.</param>
/// <param name="Elapsed">The time since it began.</param>
/// <param name="IsRefit">Whether this is the refit of the trial.</param>
public sealed record TrialProgress(Trial Trial, int Epoch, int MaximumNumberOfEpochs, double? Loss, double? ValidationLoss, ImmutableArray<double> Curve,
    TimeSpan Elapsed, bool IsRefit)
{
    /// <summary>The fold of the final on which the trial is trained; null for others.</summary>
    public string? Fold { get; init; }
}
