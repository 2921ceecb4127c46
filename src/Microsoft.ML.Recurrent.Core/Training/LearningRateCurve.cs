using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

/// <summary>The result of a learning-rate search: the loss over increasing rates, and a suggested rate.</summary>
public sealed class LearningRateCurve
{
    /// <param name="trials">The steps.</param>
    /// <param name="gains">For each step, the loss minus the loss of the same batch with the initial weights.</param>
    internal LearningRateCurve(ImmutableArray<LearningRateTrial> trials, IReadOnlyList<double> gains)
        : this(trials, Steepest(trials, gains) is { } index ? trials[index].LearningRate : null)
    {
    }

    [JsonConstructor]
    internal LearningRateCurve(ImmutableArray<LearningRateTrial> trials, float? suggestion) => (Trials, Suggestion) = (trials, suggestion);

    /// <summary>The steps of the search, by increasing rate. The search ends early if the loss diverges.</summary>
    public ImmutableArray<LearningRateTrial> Trials { get; }

    /// <summary>
    /// The rate with the steepest decrease of the smoothed loss before its minimum; null if it never decreases or the search has fewer than 10 steps. Somewhat
    /// smaller rates work too; much larger ones, near the minimum, are close to divergence.
    /// </summary>
    public float? Suggestion { get; }

    // Rates form a geometric sequence, so the slope over the index is the slope over the logarithm of the rate. A line is fitted to the steps around each, a
    // tenth of all on either side; to the raw differences, since a moving average lags.
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
/// The exponential moving average of the losses so far (decay 0.9, bias-corrected). Each loss is measured relative to the loss of its batch before the first
/// step, which removes differences between batches.
/// </param>
public readonly record struct LearningRateTrial(int Step, float LearningRate, double Loss, double SmoothedLoss);
