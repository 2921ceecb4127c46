using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

/// <summary>What a search for a learning rate has seen: the loss over rising rates, and the rate that it suggests.</summary>
public sealed class LearningRateCurve
{
    /// <param name="trials">The steps.</param>
    /// <param name="gains">By how much each step's loss differs from that of the same batch under the first weights.</param>
    internal LearningRateCurve(ImmutableArray<LearningRateTrial> trials, IReadOnlyList<double> gains)
    {
        Trials = trials;
        Suggestion = Steepest(trials, gains) is { } index ? trials[index].LearningRate : null;
    }

    /// <summary>The steps of the search in their order, that is by rising rate. It ends before its last step where the loss diverges.</summary>
    public ImmutableArray<LearningRateTrial> Trials { get; }

    /// <summary>
    /// The rate at which the smoothed loss falls fastest before its least value; null where it never falls, or the search has fewer than 10 steps. Somewhat
    /// smaller rates work as well; much greater ones, near the least loss, are about to diverge.
    /// </summary>
    public float? Suggestion { get; }

    // Rates rise by equal factors, so that the slope over the index is that over the logarithm: of a line fitted to the steps around each, a tenth of all on
    // either side. Fitted to the differences themselves, since a moving average trails behind.
    private static int? Steepest(ImmutableArray<LearningRateTrial> trials, IReadOnlyList<double> gains)
    {
        if (trials.Length < LearningRateFinder.FewestSteps) return null;
        var (reach, end) = (Math.Max(2, trials.Length / 10), 0);
        for (var i = 1; i < trials.Length; i++)
            if (trials[i].SmoothedLoss < trials[end].SmoothedLoss) end = i;
        var (steepest, where) = (0.0, (int?)null);
        for (var i = reach; i <= end && i + reach < trials.Length; i++)
        {
            var slope = 0.0;
            for (var j = -reach; j <= reach; j++) slope += j * gains[i + j];
            if (slope < steepest) (steepest, where) = (slope, i);
        }

        return where;
    }
}

/// <summary>One step of a search for a learning rate.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Loss">The training loss of its batch, before its update.</param>
/// <param name="SmoothedLoss">
/// An exponential moving average of the losses so far (decay 0.9, corrected for its start), freed of how hard the batches are: each counts by what it differs
/// from its loss before the first step.
/// </param>
public readonly record struct LearningRateTrial(int Step, float LearningRate, double Loss, double SmoothedLoss);
