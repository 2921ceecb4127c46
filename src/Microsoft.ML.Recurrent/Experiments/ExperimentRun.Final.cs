using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>What follows the trials: the final and the refit.</summary>
internal sealed partial class ExperimentRun
{
    private FinalRun? _finalRun;

    /// <summary>The final; null before it, and where there is none.</summary>
    public ExperimentFinal? Final { get; private set; }

    /// <summary>Trains the best trial again on all rows.</summary>
    /// <returns>The model; null with the reason where there is none.</returns>
    public (ITransformer? Model, string? Reason) Refit(TrialResult best, CancellationToken cancellation)
    {
        if (!_setup.Options.Refit) return (null, "ExperimentOptions.Refit is false.");
        if (cancellation.IsCancellationRequested) return (null, "The experiment was canceled.");
        if (!_clock.AllowsRefit(best, _results.GetValueOrDefault(1))) return (null, "The time did not suffice to train the best trial again on all rows.");
        using var run = new TrialRun(best.Trial, _setup.OptionsOf(best.Trial), new()
        {
            IsRefit = true,
            CheckpointFolder = _setup.Store.CheckpointFolder(best.Trial.Number, isRefit: true),
        }, cancellation);
        lock (_lock) _running[best.Trial.Number] = run;
        (TrialResult? Result, ITransformer? Model) refit = default;
        var thread = new Thread(() => refit = run.Run(options => _setup.Fit(best.Trial, options, isRefit: true), null)) { IsBackground = true, Name = "Refit" };
        thread.Start();
        TimeSpan? ended = null;
        while (!thread.Join(s_tick) && !(ended is { } since && _clock.Elapsed - since > _setup.Patience))
        {
            Report();
            if (_clock.EndsAll && ended is null) run.EndByTime();
            if (_clock.EndsAll || cancellation.IsCancellationRequested) ended ??= _clock.Elapsed;
        }
        lock (_lock) _running.Clear();
        var (result, model) = refit;
        if (model is null) return (null, $"Training the best trial again on all rows failed: {result?.Reason ?? "it did not end in time."}");
        // Interrupted before the epoch that was the best of the trial, it has learned less than the trial.
        if (result is { State: TrialState.TimeOver or TrialState.Running } && result.BestEpoch < best.BestEpoch)
            return (null, "The time did not suffice to train the best trial again on all rows.");
        return (model, null);
    }

    // The default and the best of the others are trained on the folds.
    private void Decide()
    {
        if (_setup.Options.Folds is not { } folds || _results.Count < 2
            || _results.GetValueOrDefault(1) is not { State: TrialState.Completed, Metric: not null } first)
            return;
        ImmutableArray<string> names = [.. folds.Select(static fold => fold.Name)];
        var finalists = FinalChoice.Finalists(_results.Values, first, _setup.Metric, _setup.Options.Finalists);
        var affordable = finalists[.._clock.Affordable(first, finalists, begins: true)];
        var chosen = first;
        if (FinalChoice.WhyTooFew(folds) is { } reason) Final = new(names, [], reason);
        else if (finalists.IsEmpty) (Final, chosen) = FinalChoice.Decide(names, first, finalists, _setup.Metric);
        else if (_setup.Canceled) Final = new(names, [], "The default options stay: the experiment was canceled before the final.");
        else if (affordable.IsEmpty) Final = new(names, [], "The default options stay: the time did not suffice for the final.");
        else
        {
            _finalRun = new(_setup, [first, .. affordable], Keep, End);
            _finalRun.Run(() =>
            {
                _setup.CheckAlive();
                Report();
                return _broken is not null || _clock.EndsFinal(first, affordable);
            }, _setup.Cancellation);
            var trained = _finalRun.Trials;
            (Final, chosen) = FinalChoice.Decide(names, trained[0], trained[1..], _setup.Metric);
            if (_setup.Canceled)
                (Final, chosen) = (Final with { Reason = "The default options stay: the experiment was canceled during the final." }, trained[0]);
        }
        lock (_lock) _best = chosen;
    }

    private ITransformer? ModelOf(int trial) =>
        _model is var (number, model) && number == trial ? model : _first is var (one, own) && one == trial ? own : null;
}
