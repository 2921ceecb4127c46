using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>
/// Trains the default and the trials of the final on each fold, on some threads: one fold of all trials after the other, so that complete folds are there if
/// the time ends it.
/// </summary>
/// <param name="setup">The experiment.</param>
/// <param name="trials">The default and the other trials, with the folds that they have already.</param>
/// <param name="keep">Keeps a trial whose folds have become more.</param>
/// <param name="fault">Takes the error of a file that could not be read or written.</param>
internal sealed class FinalRun(ExperimentSetup setup, IReadOnlyList<TrialResult> trials, Action<TrialResult> keep, Action<Exception> fault)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50);

    private readonly object _lock = new();
    private readonly TrialResult[] _trials = [.. trials];
    private readonly List<TrialRun> _running = [];
    private readonly Queue<(int Place, ExperimentFold Fold)> _jobs = new(
        from fold in setup.Folds
        from place in Enumerable.Range(0, trials.Count)
        where trials[place].Folds.All(one => one.Fold != fold.Name)
        select (place, fold));
    private readonly long _memory = Environment.WorkingSet;

    /// <summary>The default and the other trials, with their folds.</summary>
    public ImmutableArray<TrialResult> Trials
    {
        get
        {
            lock (_lock) return [.. _trials];
        }
    }

    /// <summary>The fits that run.</summary>
    public ImmutableArray<TrialProgress> Running
    {
        get
        {
            lock (_lock) return [.. _running.Select(static run => run.Progress)];
        }
    }

    /// <summary>Trains; what had not ended when it was told to end is left out.</summary>
    /// <param name="ends">Whether it has to end, asked a few times per second on the calling thread.</param>
    /// <param name="cancellation">Ends it, too.</param>
    public void Run(Func<bool> ends, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Thread[] workers = [.. Enumerable.Range(0, Math.Min(setup.TrialsAtOnce, _jobs.Count))
            .Select(_ => new Thread(() => Work(end.Token)) { IsBackground = true, Name = "Folds" })];
        foreach (var worker in workers) worker.Start();
        long? ended = null;
        while (workers.Any(static worker => worker.IsAlive))
        {
            lock (_lock) Monitor.Wait(_lock, s_tick);
            if (ends() || cancellation.IsCancellationRequested) ended ??= Environment.TickCount64;
            if (ended is not { } since) continue;
            end.Cancel();
            // Those that do not heed their cancellation are left behind.
            if (Environment.TickCount64 - since > setup.Patience.TotalMilliseconds) break;
        }
        lock (_lock) _running.Clear();
    }

    private void Work(CancellationToken end)
    {
        while (Take(end) is var (place, fold, run))
        {
            using (run)
            {
                var (result, model) = run.Run(options => setup.Fit(run.Trial, options, fold), fold.Measure);
                (model as IDisposable)?.Dispose();
                if (run.Fault is { } error) fault(error);
                lock (_lock)
                {
                    _running.Remove(run);
                    if (!end.IsCancellationRequested && result.State is not TrialState.Running)
                    {
                        FoldResult[] folds = [.. _trials[place].Folds, new(fold.Name, result.Metric, result.Elapsed, result.Reason)];
                        // In the order of the folds, however many fits run at once.
                        _trials[place] = _trials[place] with { Folds = [.. setup.Folds.SelectMany(one => folds.Where(own => own.Fold == one.Name))] };
                        keep(_trials[place]);
                    }
                    Monitor.PulseAll(_lock);
                }
            }
        }
    }

    private (int Place, ExperimentFold Fold, TrialRun Run)? Take(CancellationToken end)
    {
        lock (_lock)
        {
            while (_running.Count > 0 && !end.IsCancellationRequested && !MemoryLimit.HasRoom(_running.Count, _memory)) Monitor.Wait(_lock, s_tick);
            if (end.IsCancellationRequested || !_jobs.TryDequeue(out var job)) return null;
            var trial = _trials[job.Place].Trial;
            var run = new TrialRun(trial, setup.OptionsOf(trial), new() { Fold = job.Fold.Name, NumberOfThreads = 1 }, end);
            _running.Add(run);
            return (job.Place, job.Fold, run);
        }
    }
}
