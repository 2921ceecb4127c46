using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>One step of a search for a learning rate.</summary>
internal readonly record struct LearningRateTrial(double LearningRate, double Loss, double SmoothedLoss);

/// <summary>The curve of losses over rising learning rates, and the rate that it suggests.</summary>
internal sealed record LearningRateCurve(IReadOnlyList<LearningRateTrial> Trials, double Suggestion);

/// <summary>
/// Trains for a while with a learning rate that rises step by step (Smith 2017): the loss first falls, then diverges. The suggestion is where it falls fastest. Weights are put back in the end.
/// </summary>
internal sealed class LearningRateFinder(Network network, Head head, TrainingSettings settings)
{
    private const double Smoothing = 0.9;

    /// <param name="source">Examples; begun anew when they end.</param>
    /// <param name="from">First rate.</param>
    /// <param name="to">Last rate.</param>
    /// <param name="steps">Updates, at least 10; the search ends before them once the loss is four times the least one.</param>
    /// <param name="cancellation">Ends the search with what it has found.</param>
    public LearningRateCurve Run(IBatchSource source, double from = 1e-6, double to = 1, int steps = 100, CancellationToken cancellation = default)
    {
        if (!(from > 0 && to > from)) throw new ArgumentOutOfRangeException(nameof(to), to, "The last rate must be greater than the first, and both greater than zero.");
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 10);
        if (source.Count == 0) throw new InvalidOperationException("There are no examples to search a learning rate with.");
        var rising = settings with { LearningRate = (float)from, Schedule = new Rising(to / from, steps), BatchesPerUpdate = 1, MaximumNumberOfEpochs = int.MaxValue, LogStatistics = false };
        var before = network.Parameters.Select(parameter => parameter.Value.Clone()).ToArray();
        using var threads = Workers.Limit(settings.Threads ?? 0);
        using var learner = new Learner(network, head, rising, source.CarriesState);
        using var batch = new SequenceBatch();
        var run = new TrainingRun(network, head, rising, source.Batches);
        List<LearningRateTrial> trials = [];
        double average = 0, least = double.PositiveInfinity;
        try
        {
            while (run.Step < steps && !cancellation.IsCancellationRequested)
            {
                run.BeginEpoch();
                source.Begin(Autograd.Philox.Mix(settings.Seed, (ulong)run.Epoch));
                while (run.Step < steps && !cancellation.IsCancellationRequested && source.Next(batch))
                {
                    learner.Learn(batch, run);
                    average = Smoothing * average + (1 - Smoothing) * run.BatchLoss;
                    var smoothed = average / (1 - Math.Pow(Smoothing, run.Step));
                    least = Math.Min(least, smoothed);
                    trials.Add(new LearningRateTrial(run.LearningRate, run.BatchLoss, smoothed));
                    if (trials.Count >= 10 && smoothed > 4 * Math.Abs(least)) return Curve(trials);
                }

                run.EndTraining();
                run.EndEpoch(null);
            }
        }
        catch (TrainingDivergedException) when (trials.Count >= 10)
        {
            // That is how such a search usually ends.
        }
        finally
        {
            foreach (var (parameter, kept) in network.Parameters.Zip(before))
            {
                kept.Span.CopyTo(parameter.Value.Span);
                kept.Dispose();
            }
        }

        return Curve(trials);
    }

    // Rates rise by equal factors, so that the slope over the index is that over the logarithm.
    private static LearningRateCurve Curve(List<LearningRateTrial> trials)
    {
        var (steepest, where) = (0.0, 0);
        for (var i = 2; i < trials.Count - 2; i++)
        {
            var slope = trials[i + 2].SmoothedLoss - trials[i - 2].SmoothedLoss;
            if (slope < steepest) (steepest, where) = (slope, i);
        }

        return new LearningRateCurve(trials, trials.Count == 0 ? 0 : trials[where].LearningRate);
    }

    private sealed class Rising(double factor, int steps) : LearningRateSchedule
    {
        internal override double RateAt(double initialRate, in Optimizers.Schedules.ScheduleTime time, Optimizers.Schedules.PlateauState state) => initialRate * Math.Pow(factor, time.Step / (steps - 1.0));
    }
}
