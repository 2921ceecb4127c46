using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Scenarios;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>How long a plan takes, by a short training.</summary>
/// <param name="Epoch">The time of an epoch with the plan's own options, on all threads.</param>
/// <param name="MaximumNumberOfEpochs">The most epochs of a trial; most end before.</param>
public sealed record TimeEstimate(TimeSpan Epoch, int MaximumNumberOfEpochs)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(3);

    /// <summary>Trains for at most three seconds.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellationToken">Ends the training.</param>
    public static TimeEstimate Measure(MLContext mlContext, ScenarioPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var options = plan.Pipeline.Trainer.Options.Clone();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = new Watch(stop);
        var most = options.Stopping.MaximumNumberOfEpochs;
        options.Logging.Progress = watch;
        options.CancellationToken = stop.Token;
        options.Stopping.MaximumTrainingTime = s_limit;
        plan.Pipeline.Fit(mlContext, options, plan.Train, validation: null);
        cancellationToken.ThrowIfCancellationRequested();
        return new(watch.Epoch, most);
    }

    /// <summary>The estimate as a sentence.</summary>
    /// <param name="request">The request.</param>
    public string Describe(RunRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var trial = MaximumNumberOfEpochs * Epoch;
        var search = request.EffectiveTrainTime is { } time && (request.MaximumNumberOfTrials is not { } most || most * trial > time) ? time
            : request.MaximumNumberOfTrials!.Value * trial;
        return string.Create(CultureInfo.InvariantCulture,
            $"An epoch takes about {Say(Epoch)}, a trial at most {Say(trial)} ({MaximumNumberOfEpochs} epochs; most end ")
            + string.Create(CultureInfo.InvariantCulture, $"earlier). The search takes at most {Say(search)}, the final figures and files some seconds more.");
    }

    private static string Say(TimeSpan time) => time.TotalSeconds switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s"),
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.#} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} h"),
    };

    // Ends the training after the second epoch. What was done at the first report has the costs of a beginning.
    private sealed class Watch(CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        private (double Done, TimeSpan Elapsed)? _first;

        public TimeSpan Epoch { get; private set; }

        public void Report(TrainingProgress value)
        {
            var done = value.Epoch - 1 + (value.EpochEnded ? 1 : (double)value.Batch / Math.Max(1, value.BatchesPerEpoch));
            if (_first is not { } first)
            {
                _first = (done, value.Elapsed);
                if (done > 0) Epoch = value.Elapsed / done;
                return;
            }
            if (done > first.Done) Epoch = (value.Elapsed - first.Elapsed) / (done - first.Done);
            if (value is { Epoch: > 1, EpochEnded: true }) stop.Cancel();
        }
    }
}
