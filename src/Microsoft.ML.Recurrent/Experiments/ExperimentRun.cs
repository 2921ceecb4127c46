using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>The trials of an experiment, on some threads. The thread that calls <see cref="Run"/> watches time, progress and cancellation.</summary>
internal sealed partial class ExperimentRun
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50), s_report = TimeSpan.FromMilliseconds(250);

    private readonly object _lock = new();
    private readonly ExperimentSetup _setup;
    private readonly CancellationTokenSource _cancellation;
    private readonly SuccessiveHalving _halving;
    private readonly TrialClock _clock;
    private readonly IProgress<ExperimentProgress>? _progress;
    private readonly SortedDictionary<int, TrialResult> _results = [];
    private readonly SortedDictionary<int, TrialRun> _running = [];
    private readonly HashSet<int> _abandoned = [];
    private readonly long _memory = Environment.WorkingSet;
    private int _next = 1;
    private bool _noMore;
    private TrialResult? _best;
    private (int Trial, ITransformer Model)? _model, _first;
    private Exception? _broken;
    private TimeSpan _reported = TimeSpan.MinValue;

    public ExperimentRun(ExperimentSetup setup, IProgress<ExperimentProgress>? progress, CancellationToken cancellation)
    {
        (_setup, _progress) = (setup, progress);
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var options = setup.Options;
        _halving = new(options.ReductionFactor, options.MinimumNumberOfEpochs, setup.WatchedIsGain, options.MaximumTrials is not null);
        _clock = new(options.MaximumTime, options.Refit, setup.RefitGrowth, setup.FinalWork);
        foreach (var known in setup.Store.Begin(setup.Describe()))
        {
            _results[known.Trial.Number] = known;
            if (!known.IsFinished) continue;
            _halving.Begin(known);
        }
        _best = Best();
    }

    public TrialClock Clock => _clock;

    public ImmutableArray<TrialResult> Results
    {
        get
        {
            lock (_lock) return [.. _results.Values];
        }
    }

    /// <summary>Runs all trials; returns the best one, and its model if that is there.</summary>
    /// <exception cref="InvalidOperationException">No trial has a metric; the message says why the first failed.</exception>
    /// <exception cref="OperationCanceledException">It was canceled before a trial had a model.</exception>
    public (TrialResult Best, ITransformer? Model) Run()
    {
        Thread[] workers = [.. Enumerable.Range(0, _setup.TrialsAtOnce).Select(_ => new Thread(Work) { IsBackground = true, Name = "Trials" })];
        foreach (var worker in workers) worker.Start();
        try
        {
            TimeSpan? ended = null;
            while (workers.Any(worker => worker.IsAlive))
            {
                Wait(workers);
                _setup.CheckAlive();
                Report();
                if (EndInTime()) ended ??= _clock.Elapsed;
                // Trials that do not heed their cancellation are left behind.
                if (ended is { } since && _clock.Elapsed - since > _setup.Patience) break;
            }
        }
        finally
        {
            _cancellation.Cancel();
        }
        lock (_lock)
        {
            Abandon();
            if (_broken is not null) throw Broken(_broken);
        }
        Decide();
        lock (_lock)
        {
            if (_broken is not null) throw Broken(_broken);
            if (_best is { } best) return (best, ModelOf(best.Trial.Number));
        }
        Report(isLast: true);
        throw Without();
    }

    /// <summary>Reports the progress: now, or if the last report is some time ago.</summary>
    public void Report(bool isLast = false)
    {
        if (_progress is null || !isLast && _reported != TimeSpan.MinValue && _clock.Elapsed - _reported < s_report) return;
        _reported = _clock.Elapsed;
        ExperimentProgress progress;
        lock (_lock)
        {
            progress = new()
            {
                Running = [.. _running.Values.Select(run => run.Progress), .. _finalRun?.Running ?? []],
                Finished = [.. _results.Values.Where(result => result.IsFinished)],
                Best = _best,
                MaximumTrials = _setup.Options.MaximumTrials,
                Elapsed = _clock.Elapsed,
                Remaining = _clock.Left ?? Estimate(),
            };
        }
        _progress.Report(progress);
    }

    private static InvalidOperationException NotKept(Exception error) => new($"The trials could not be kept: {error.Message}", error);

    private static InvalidOperationException Broken(Exception error) => error as InvalidOperationException
        ?? new($"The experiment ended, as a file could not be read or written: {error.Message}", error);

    private void Work()
    {
        while (Take() is { } run)
        {
            using (run)
            {
                Prepare(run);
                var (result, model) = run.Run(options => _setup.Fit(run.Trial, options), _setup.Measure);
                if (run.Fault is { } fault) End(fault);
                Finish(run, result, model);
            }
        }
    }

    // Numbers are taken in order, so a trial waits only for trials that run.
    private TrialRun? Take()
    {
        Trial trial;
        lock (_lock)
        {
            while (_running.Count > 0 && !_noMore && !MemoryLimit.HasRoom(_running.Count, _memory)) Monitor.Wait(_lock, s_tick);
            while (_results.TryGetValue(_next, out var known) && known.IsFinished) _next++;
            if (_noMore || _cancellation.IsCancellationRequested || _next > (_setup.Options.MaximumTrials ?? int.MaxValue)) return null;
            if (_setup.Space.Trial(_setup.Seed, _next) is not { } next)
            {
                _noMore = true;
                return null;
            }
            trial = next;
            var before = _results.GetValueOrDefault(_next) ?? new TrialResult(trial);
            _results[_next++] = before;
            _halving.Begin(before);
            var folder = _setup.Store.CheckpointFolder(trial.Number, isRefit: false);
            var run = new TrialRun(trial, _setup.OptionsOf(trial), new()
            {
                Halving = _halving,
                Watched = _setup.Watched,
                EpochEnded = Keep,
                CheckpointFolder = folder,
                NumberOfThreads = 1,
            }, _cancellation.Token);
            _running[trial.Number] = run;
            return run;
        }
    }

    // A trial that was to end when it was interrupted begins anew: its checkpoint may be of a later batch.
    private void Prepare(TrialRun run)
    {
        if (run.Options.Checkpoints.Folder is { } folder && Directory.Exists(folder) && _halving.EndedAt(run.Trial.Number, _cancellation.Token) is not null)
            Directory.Delete(folder, true);
    }

    private void Keep(TrialResult result)
    {
        lock (_lock)
        {
            _results[result.Trial.Number] = result;
            Store(() => _setup.Store.Save(result));
        }
    }

    private void Finish(TrialRun run, TrialResult result, ITransformer? model)
    {
        lock (_lock)
        {
            if (_abandoned.Contains(run.Trial.Number)) return;
            _running.Remove(run.Trial.Number);
            _clock.Measured(run.MeasureTime);
            _results[run.Trial.Number] = result;
            if (result.IsFinished) _halving.End(run.Trial.Number, result.State);
            _best = Best();
            if (model is not null) KeepOrDispose(result, model);
            // An interrupted trial is one that runs: its metric is that of what has been trained so far.
            Store(() =>
            {
                _setup.Store.Save(result.IsFinished ? result : result with { Metric = null });
                if (result.IsFinished && _setup.Store.CheckpointFolder(run.Trial.Number, isRefit: false) is { } folder && Directory.Exists(folder))
                    Directory.Delete(folder, true);
            });
            Monitor.PulseAll(_lock);
        }
    }

    // Another one may become the best when the default has ended; its model is then trained again.
    private void KeepOrDispose(TrialResult result, ITransformer model)
    {
        if (result.Trial.Number == 1 && _setup.Options.Folds is not null) _first = (1, model);
        if (_best?.Trial.Number != result.Trial.Number)
        {
            if (_first?.Model == model) return;
            (model as IDisposable)?.Dispose();
            return;
        }
        if (_model?.Trial != _first?.Trial) (_model?.Model as IDisposable)?.Dispose();
        _model = (result.Trial.Number, model);
        if (result.IsFinished) Store(() => _setup.Store.SaveModel(result.Trial.Number, model, _setup.Train.Schema));
    }

    private TrialResult? Best() => TrialChoice.Best(_results.Values, _setup.Metric);

    // A store that fails ends the experiment, not the thread of a trial.
    private void Store(Action keep)
    {
        try
        {
            keep();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            End(NotKept(error));
        }
    }

    // Trials that run are kept as they are, and go on with the experiment.
    private void End(Exception error)
    {
        lock (_lock)
        {
            _broken ??= error;
            _noMore = true;
            _cancellation.Cancel();
        }
    }

    private void Wait(Thread[] workers)
    {
        lock (_lock)
        {
            if (workers.Any(worker => worker.IsAlive)) Monitor.Wait(_lock, s_tick);
        }
    }

    // Whether all trials have been told to end.
    private bool EndInTime()
    {
        lock (_lock)
        {
            if (_cancellation.IsCancellationRequested) return true;
            var first = _results.GetValueOrDefault(1) is { IsFinished: true } ended ? ended : null;
            var isOver = _clock.EndsTrials(_best, first, first?.Metric is null ? []
                : FinalChoice.Finalists(_results.Values, first, _setup.Metric, _setup.Options.Finalists));
            _noMore |= isOver;
            foreach (var run in _running.Values.Where(run => _clock.EndsAll || run.Trial.Number != 1 && (isOver || _clock.EndsTrial(run.Elapsed))))
                run.EndByTime();
            return _clock.EndsAll || isOver && !_running.ContainsKey(1);
        }
    }

    private void Abandon()
    {
        foreach (var (number, run) in _running)
        {
            _abandoned.Add(number);
            var result = new TrialResult(run.Trial)
            {
                State = TrialState.Failed,
                Reason = $"It did not end within {_setup.Patience.TotalSeconds:F0} s of being canceled, and was left behind.",
                Elapsed = run.Elapsed,
            };
            _results[number] = result;
            // After a cancellation it is tried again.
            if (!_setup.Canceled) Store(() => _setup.Store.Save(result));
        }
        _running.Clear();
    }

    private Exception Without() => _setup.Canceled ? new OperationCanceledException("The experiment was canceled before a trial had a model.")
        : _results.Values.FirstOrDefault(result => result.State is TrialState.Failed) is { } failed
            ? new InvalidOperationException($"None of the {_results.Count} trials has a model. Trial {failed.Trial.Number} failed: {failed.Reason}")
        : new InvalidOperationException("The time ended before a trial had a model: set a longer MaximumTime.");

    private TimeSpan? Estimate()
    {
        TrialResult[] ended = [.. _results.Values.Where(result => result.IsFinished)];
        if (_setup.Options.MaximumTrials is not { } all || ended.Length == 0) return null;
        var mean = ended.Sum(result => result.Elapsed.TotalSeconds) / ended.Length;
        return TimeSpan.FromSeconds(mean * Math.Max(0, all - ended.Length) / _setup.TrialsAtOnce);
    }
}
