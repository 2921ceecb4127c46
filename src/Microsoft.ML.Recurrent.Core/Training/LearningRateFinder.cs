using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>
/// Learning-rate range test (Smith 2017): trains for a while with an increasing learning rate; the loss first decreases, then diverges. The weights are
/// restored at the end. Losses differ more between batches than one step changes them, so each loss is compared with that of the same batch with the initial
/// weights.
/// </summary>
internal sealed class LearningRateFinder(Network network, Head head, TrainingSettings settings)
{
    internal const int FewestSteps = 10;
    private const double Smoothing = 0.9;

    /// <param name="source">Examples; repeated if needed.</param>
    /// <param name="options">Validated options; the search ends early if the loss diverges.</param>
    /// <param name="cancellation">Ends the search early, in addition to the token of the options.</param>
    public LearningRateCurve Run(IBatchSource source, LearningRateSearchOptions options, CancellationToken cancellation = default)
    {
        if (source.Count == 0) throw new InvalidOperationException("There are no examples to search a learning rate with.");
        var steps = options.NumberOfSteps;
        var rising = settings with
        {
            LearningRate = options.MinimumLearningRate,
            Schedule = new Rising((double)options.MaximumLearningRate / options.MinimumLearningRate, steps),
            MaximumNumberOfEpochs = int.MaxValue,
            EmaDecay = null,
            LogStatistics = false,
        };
        var before = network.Parameters.Select(parameter => parameter.Value.Clone()).ToArray();
        using var threads = Workers.Limit(settings.Threads ?? 0);
        using var learner = new Learner(network, head, rising, source.CarriesState);
        using var batch = new SequenceBatch();
        var run = new TrainingRun(network, rising, source.Batches);
        List<LearningRateTrial> trials = [];
        List<double> gains = [];
        double average = 0, least = double.PositiveInfinity, sum = 0, gain = 0, weight = 0;
        try
        {
            var (first, mean) = FirstLosses(source, (long)steps * rising.BatchesPerUpdate, IsCancelled);
            while (run.Step < steps && !IsCancelled())
            {
                run.BeginEpoch();
                source.Begin(settings.Seed);
                run.BatchesPerEpoch = source.Batches;
                while (run.Step < steps && !IsCancelled() && source.Next(batch))
                {
                    learner.Learn(batch, run);
                    var of = Learner.WeightOf(batch);
                    (sum, gain, weight) = (sum + of * run.BatchLoss, gain + of * (run.BatchLoss - first[run.Batch - 1]), weight + of);
                    if (learner.HasPending) continue;
                    gains.Add(weight > 0 ? gain / weight : 0);
                    average = Smoothing * average + (1 - Smoothing) * gains[^1];
                    var smoothed = mean + average / (1 - Math.Pow(Smoothing, run.Step));
                    least = Math.Min(least, smoothed);
                    trials.Add(new LearningRateTrial((int)run.Step, (float)run.LearningRate, weight > 0 ? sum / weight : 0, smoothed));
                    (sum, gain, weight) = (0, 0, 0);
                    options.Progress?.Report(trials[^1]);
                    // Stops at four times the minimum loss, or three times as far above the minimum as the loss has decreased.
                    if (trials.Count >= FewestSteps && smoothed - least > 3 * Math.Max(mean - least, Math.Abs(least))) return Curve();
                }

                run.EndTraining();
                run.EndEpoch(null);
            }
        }
        catch (TrainingDivergedException) when (trials.Count >= FewestSteps)
        {
            // The usual end of a search.
        }
        finally
        {
            foreach (var (parameter, kept) in network.Parameters.Zip(before))
            {
                kept.Span.CopyTo(parameter.Value.Span);
                kept.Dispose();
            }
        }

        return Curve();

        LearningRateCurve Curve() => new([.. trials], gains);

        bool IsCancelled() => cancellation.IsCancellationRequested || options.CancellationToken.IsCancellationRequested;
    }

    // The loss of each batch of an epoch before the first step, and their mean.
    private (List<double> Losses, double Mean) FirstLosses(IBatchSource source, long count, Func<bool> isCancelled)
    {
        using var tape = new Tape { Recording = false };
        using var batch = new SequenceBatch();
        using var state = source.CarriesState ? new NetworkState() : null;
        List<double> losses = [];
        double sum = 0, weight = 0;
        source.Begin(settings.Seed);
        while (losses.Count < count && !isCancelled() && source.Next(batch))
        {
            losses.Add(head.Loss(tape, network.Forward(tape, batch, new(state, head.EvaluatesFromStates) { DrawsLatent = true }), batch).Span[0]);
            (sum, weight) = (sum + Learner.WeightOf(batch) * losses[^1], weight + Learner.WeightOf(batch));
            tape.Reset();
        }

        return (losses, weight > 0 ? sum / weight : 0);
    }

    private sealed class Rising(double factor, int steps) : LearningRateSchedule
    {
        // No option holds it: no code asks how it was made.
        internal override (string Method, object[] Arguments) Made => (nameof(Rising), [factor, steps]);

        internal override double RateAt(double initialRate, in Optimizers.Schedules.ScheduleTime time, Optimizers.Schedules.PlateauState state) =>
            initialRate * Math.Pow(factor, time.Step / (steps - 1.0));
    }
}
