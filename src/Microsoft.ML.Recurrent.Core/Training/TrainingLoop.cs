using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Kernels;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training.Logging;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>The training loop. The same seed, network and data give the same bits, whatever the number of threads and interruptions.</summary>
internal sealed class TrainingLoop(Network network, Head head, TrainingSettings settings)
{
    /// <summary>
    /// Callbacks besides early stopping and progress; called in this order, before those. Checkpoints hold those that are <see cref="ICheckpointed"/>.
    /// </summary>
    public IReadOnlyList<TrainingCallback> Callbacks { get; init; } = [];

    /// <summary>Receives why a checkpoint could not be written. Training goes on.</summary>
    public Action<string>? CheckpointWarning { get; init; }

    /// <summary>Trains the network and restores its best weights: those of the best validation, or the last ones without a validation set.</summary>
    /// <param name="train">The examples; shuffled for each epoch.</param>
    /// <param name="validation">Validation examples for early stopping; null for none.</param>
    /// <param name="progress">Receives progress; null for none.</param>
    /// <param name="cancellation">Ends the run after the current batch, also one of validation; the best weights so far are kept.</param>
    /// <exception cref="TrainingDivergedException">A loss or gradient is not finite before an epoch was completed; the message names the batch, the gradient
    /// norms by layer and remedies. Later, the run ends with the weights of the best epoch (<see cref="TrainingEnd.Diverged"/>).</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged or belongs to another run.</exception>
    public TrainingHistory Run(IBatchSource train, IBatchSource? validation = null, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        if (train.Count == 0)
            throw new InvalidOperationException(
                "The training set has no examples. Check the filters before it, and that its series are longer than the window.");
        using var threads = Workers.Limit(settings.Threads ?? 0);
        using var learner = new Learner(network, head, settings, train.CarriesState);
        using var batch = new SequenceBatch();
        using var stopping = new EarlyStopping(settings.EarlyStoppingPatience, settings.EarlyStoppingMinimumChange, settings.EarlyStoppingMetric,
            settings.EarlyStoppingSmoothing);
        var run = new TrainingRun(network, settings, train.Batches);
        using var ngrams = network.Ngrams is null ? null : new NgramStopping(network, head);
        using var checkpoints = settings.CheckpointFolder is { } folder
            ? new Checkpoints(folder, run, learner, stopping, train.Count,
                [.. Callbacks.OfType<ICheckpointed>(), .. ngrams is null ? (ICheckpointed[])[] : [ngrams]], CheckpointWarning)
            : null;
        TrainingCallback[] callbacks = [.. Callbacks, stopping, .. Watchers(learner, progress)];
        if (settings.Resume) checkpoints?.Resume();

        while (run.End is null && (run.InEpoch || run.Epoch < settings.MaximumNumberOfEpochs))
        {
            if (run.Epochs.Count > 0 && run.IsTimeOver)
            {
                run.Stop(TrainingEnd.TimeLimit);
                break;
            }

            run.BeginEpoch();
            UntilCancelled(() =>
            {
                train.Begin(Philox.Mix(settings.Seed, (ulong)run.Epoch));
                run.BatchesPerEpoch = train.Batches;
                train.Skip(run.Batch);
                // An epoch that the time limit ends is validated too: it may be the best, or the only one.
                for (var learned = false; run.End is null && !(learned && run.IsTimeOver) && train.Next(batch); learned = true)
                {
                    if (!Learn(learner, batch, run, stopping, checkpoints)) break;
                    foreach (var callback in callbacks) callback.BatchEnded(run);
                    if (cancellation.IsCancellationRequested) run.Stop(TrainingEnd.Cancelled);
                    checkpoints?.BatchEnded();
                }
            });
            run.EndTraining();
            if (run.End is not null) break;
            learner.SwapAverage();
            UntilCancelled(() =>
            {
                var (validationLoss, metric, watched) = validation is null ? (null, null, null) : EvaluateAll(validation, ngrams, cancellation);
                run.EndEpoch(validationLoss, metric, watched);
                foreach (var callback in callbacks) callback.EpochEnded(run);
            });
            learner.SwapAverage();
            // An epoch that was not validated goes on with its validation when the run is resumed.
            if (!run.InEpoch) checkpoints?.Write();
        }

        // The checkpoint before a divergence can be resumed with a lower learning rate.
        if (run.End is not TrainingEnd.Diverged) checkpoints?.Write();
        learner.SwapAverage();
        foreach (var callback in callbacks) callback.RunEnded(run);
        return run.History();

        // Sources may observe the token too, while they read.
        void UntilCancelled(Action pass)
        {
            try
            {
                pass();
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                run.Stop(TrainingEnd.Cancelled);
            }
        }
    }

    /// <summary>Learns a batch; false if training diverged and the weights of an earlier epoch were kept, with which the run ends.</summary>
    private static bool Learn(Learner learner, SequenceBatch batch, TrainingRun run, EarlyStopping stopping, Checkpoints? checkpoints)
    {
        try
        {
            learner.Learn(batch, run);
            return true;
        }
        catch (TrainingDivergedException error) when (stopping.HasKept || checkpoints is { IsWritten: true })
        {
            var message = checkpoints is not { IsWritten: true } ? error.Message
                : $"{error.Message} The checkpoint '{checkpoints.Path}' holds the state before: to go on from there, set Checkpoints.Resume and what helps.";
            if (!stopping.HasKept) throw new TrainingDivergedException(message, error);
            run.Diverge(message);
            return false;
        }
    }

    // Progress and loggers only observe.
    private IEnumerable<TrainingCallback> Watchers(Learner learner, IProgress<TrainingProgress>? progress)
    {
        if (progress is not null) yield return new ProgressReporter(progress);
        if (settings.Loggers.Count > 0) yield return new LoggingCallback(settings.Loggers, settings.LogEverySteps, learner.Statistics);
    }

    // The loss and, if they differ, the metrics for early stopping and for who watches: of the layers alone, beside which a path over n-grams stops by itself.
    // Together they would be best before the layers have learned much.
    private (double? Loss, double? Metric, double? Watched) EvaluateAll(IBatchSource source, NgramStopping? ngrams, CancellationToken cancellation)
    {
        ngrams?.Validate(source, cancellation);
        var metric = CreateMetric(settings.EarlyStoppingMetric);
        var watched = settings.WatchedMetric is { } asked && asked != settings.EarlyStoppingMetric ? CreateMetric(asked) : null;
        var loss = Evaluate(source, [.. new[] { metric, watched }.OfType<Metric>()], cancellation);
        return (loss, metric?.Value(), settings.WatchedMetric switch
        {
            null => null,
            ValidationMetric.Loss => loss,
            _ => (watched ?? metric)?.Value(),
        });
    }

    private Metric? CreateMetric(ValidationMetric metric) => metric is ValidationMetric.Loss ? null : head.CreateMetric(metric)
        ?? throw new InvalidOperationException($"The head {head.GetType().Name} has no metric {metric}.");

    /// <summary>
    /// The mean loss of the layers over a set, without that of a path over n-grams, in evaluation mode; what is evaluated is added to the metrics too.
    /// </summary>
    public double Evaluate(IBatchSource source, IReadOnlyList<Metric>? metrics = null, CancellationToken cancellation = default)
    {
        using var state = source.CarriesState ? new NetworkState() : null;
        double sum = 0, weights = 0;
        foreach (var (tape, batch) in source.ForInference(cancellation))
        {
            var weight = Learner.WeightOf(batch);
            var output = network.Forward(tape, batch, new(state, head.EvaluatesFromStates) { KeepsNgramsApart = true, DrawsLatent = true });
            sum += weight * head.Loss(tape, output, batch).Span[0];
            foreach (var metric in metrics ?? []) metric.Add(tape, head, output, batch);
            weights += weight;
        }
        return weights > 0 ? sum / weights : throw new InvalidOperationException(
            "The validation set has no examples. Pass one with rows, or none to hold out a part of the training data.");
    }
}
