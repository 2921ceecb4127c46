using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>One trial: its training, which successive halving may end, and its metric. It runs on the thread that calls <see cref="Run"/>.</summary>
internal sealed class TrialRun : IProgress<TrainingProgress>, IDisposable
{
    private readonly TrialRunSettings _settings;
    private readonly CancellationToken _canceled;
    private readonly CancellationTokenSource _end;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly long _started = Stopwatch.GetTimestamp();
    private TrainingProgress? _last;
    private string? _reason;
    private bool _endedEarly, _timeOver;
    private int _epochs;

    /// <param name="trial">The trial.</param>
    /// <param name="options">Its options, which are changed.</param>
    /// <param name="settings">What observes it.</param>
    /// <param name="canceled">Interrupts the trial.</param>
    public TrialRun(Trial trial, RecurrentTrainerOptions options, TrialRunSettings settings, CancellationToken canceled)
    {
        (Trial, _settings, _canceled, _progress) = (trial, settings, canceled, options.Logging.Progress);
        _end = CancellationTokenSource.CreateLinkedTokenSource(canceled);
        // Loggers and a checkpoint folder belong to one run.
        (options.Logging.Progress, options.Logging.Loggers) = (this, []);
        (options.Checkpoints.Folder, options.Checkpoints.Resume) = (settings.CheckpointFolder, settings.CheckpointFolder is not null);
        (options.WatchedMetric, options.CancellationToken) = (settings.Watched, _end.Token);
        if (settings.NumberOfThreads is { } threads) options.NumberOfThreads = threads;
        Options = options;
    }

    public Trial Trial { get; }

    public RecurrentTrainerOptions Options { get; }

    /// <summary>The time that measuring the model took.</summary>
    public TimeSpan MeasureTime { get; private set; }

    /// <summary>A file that could not be read or written, which ended it; null for none.</summary>
    public Exception? Fault { get; private set; }

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    public TrialProgress Progress => new(Trial, _last?.Epoch ?? 0, Options.Stopping.MaximumNumberOfEpochs, _last?.Loss, _last?.ValidationLoss,
        _settings.Halving?.Values(Trial.Number) ?? [], Elapsed, _settings.IsRefit)
    { Fold = _settings.Fold };

    private TrialResult Result => new(Trial)
    {
        Curve = _settings.Halving?.Values(Trial.Number) ?? [],
        // A checkpoint of the end of training has no epoch to report.
        Epochs = _last?.End is TrainingEnd.Completed or TrainingEnd.EarlyStopping ? _last.Epoch : _epochs,
        BestEpoch = _last?.BestEpoch ?? 0,
        Elapsed = Elapsed,
    };

    /// <summary>Ends the trial, which counts with its best epoch so far.</summary>
    public void EndByTime()
    {
        _timeOver = true;
        _end.Cancel();
    }

    /// <summary>Observes training, on its thread.</summary>
    public void Report(TrainingProgress value)
    {
        _last = value;
        _progress?.Report(value);
        if (!value.EpochEnded) return;
        _epochs = value.Epoch;
        if (value.WatchedMetric is { } figure && _settings.Halving is { } halving)
        {
            halving.Record(Trial.Number, value.Epoch, figure);
            _settings.EpochEnded?.Invoke(Result);
            if (!_end.IsCancellationRequested && !halving.Continues(Trial.Number, value.Epoch, out _reason, _canceled))
            {
                _endedEarly = true;
                _end.Cancel();
            }
        }
        // The batch that follows does not count: the weights of the best epoch are kept.
        if (value.Epoch == _settings.MaximumEpoch) _end.Cancel();
    }

    /// <summary>Trains and measures; what cannot be trained or measured is a failed trial.</summary>
    /// <param name="fit">Trains with <see cref="Options"/>.</param>
    /// <param name="measure">Measures a model; null to train alone.</param>
    public (TrialResult Result, ITransformer? Model) Run(Func<RecurrentTrainerOptions, ITransformer> fit, Func<ITransformer, double>? measure)
    {
        // Steps before and after training take as many threads as it does.
        using var threads = Workers.Limit(Options.NumberOfThreads ?? 0);
        try
        {
            var model = Fit(fit);
            // What is calibrated after training takes less once it is canceled.
            var interrupted = _canceled.IsCancellationRequested;
            var start = Stopwatch.GetTimestamp();
            var metric = measure?.Invoke(model);
            MeasureTime = Stopwatch.GetElapsedTime(start);
            if (metric is { } number && !double.IsFinite(number))
            {
                return (Result with
                {
                    State = TrialState.Failed,
                    Reason = $"The metric on the validation rows is {OptionText.Write(number)}: the model answers no numbers there.",
                }, null);
            }
            var isCut = _last?.End is TrainingEnd.Cancelled;
            var state = interrupted ? TrialState.Running
                : !isCut ? TrialState.Completed
                : _endedEarly ? TrialState.EndedEarly
                : _timeOver ? TrialState.TimeOver
                : TrialState.Completed;
            return (Result with { State = state, Metric = metric, Reason = state is TrialState.EndedEarly ? _reason : null }, model);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            return (Result, null);
        }
        // A disk that is full, or rows that cannot be read, are no fault of a trial's options: it is trained when the experiment goes on.
        catch (Exception error) when (error is IOException or UnauthorizedAccessException && !_settings.IsRefit)
        {
            Fault = error;
            return (Result, null);
        }
        // A trial must not end the others.
        catch (Exception error) when (error is not OutOfMemoryException || !_settings.IsRefit)
        {
            return (Result with { State = TrialState.Failed, Reason = error.Message.ReplaceLineEndings(" ") }, null);
        }
    }

    public void Dispose() => _end.Dispose();

    private ITransformer Fit(Func<RecurrentTrainerOptions, ITransformer> fit)
    {
        try
        {
            return fit(Options);
        }
        catch (InvalidDataException) when (Options.Checkpoints is { Resume: true, Folder: { } folder } && Directory.Exists(folder))
        {
            // A checkpoint that is damaged, or of another build: the trial begins anew.
            Directory.Delete(folder, true);
            return fit(Options);
        }
    }
}
