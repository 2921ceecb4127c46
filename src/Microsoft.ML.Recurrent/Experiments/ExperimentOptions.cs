namespace Microsoft.ML.Recurrent;

/// <summary>How an experiment runs: how long, how many trials at a time, and what becomes of the best one.</summary>
public sealed class ExperimentOptions
{
    /// <summary>
    /// The number of trials, at least 1. A trial is then compared at a rung with the trials of lower numbers alone, and waits for those that are not there yet:
    /// the result depends on the seed only, not on the machine, interruptions and the number of trials at once. Default: null, no limit;
    /// <see cref="MaximumTime"/> has to be set.
    /// </summary>
    public int? MaximumTrials { get; set; }

    /// <summary>
    /// The time of the whole experiment, at least a second. What is left after the default trial goes to further ones, except for the time that the refit will
    /// take. Trials that the time ends count with their best epoch so far. Default: null, no limit; <see cref="MaximumTrials"/> has to be set.
    /// </summary>
    public TimeSpan? MaximumTime { get; set; }

    /// <summary>
    /// The seed from which trials are drawn, and of their training. Default: null, <see cref="RecurrentTrainerOptions.Seed"/> of the options, or 1.
    /// </summary>
    public int? Seed { get; set; }

    /// <summary>
    /// Of the trials at a rung one in so many goes on (eta of successive halving, Li et al. 2020), at least 2. The best one always does. Default: 3.
    /// </summary>
    public int ReductionFactor { get; set; } = 3;

    /// <summary>
    /// The epochs of the first rung, at least 1. The rungs above it are at this number times <see cref="ReductionFactor"/>, its square, and so on. Default: 2.
    /// </summary>
    public int MinimumNumberOfEpochs { get; set; } = 2;

    /// <summary>Trials that run side by side, each with one thread, at least 1. Default: null, one for each processor, fewer where memory is short.</summary>
    public int? TrialsAtOnce { get; set; }

    /// <summary>
    /// Whether the best trial is trained again on all rows, validation rows included, of which it holds out <see cref="StoppingOptions.ValidationFraction"/>
    /// to know when to stop: what a user would have got who had known its options. If the time does not suffice, or training fails, the model is that of the
    /// trial. Default: true.
    /// </summary>
    public bool Refit { get; set; } = true;

    /// <summary>The rows of the refit. Default: null, the training rows followed by the validation rows.</summary>
    public IDataView? RefitData { get; set; }

    /// <summary>
    /// The folds of the final: when the trials have ended, the best ones and the default are trained on each fold, and a trial takes the place of the default
    /// only if its mean ratio to the default over the folds is below 1 by more than a standard error. With fewer than 3 folds, or few measured rows, the
    /// default stays. With <see cref="MaximumTime"/> up to 40% of the time are for the final; where it does not suffice, the default stays. Default: null, no
    /// final, the validation rows decide. <see cref="ExperimentFold.RollingOrigin"/> and <see cref="ExperimentFold.CrossValidation"/> create folds.
    /// </summary>
    public IReadOnlyList<ExperimentFold>? Folds { get; set; }

    /// <summary>The most trials in the final beside the default, at least 1. Default: 3.</summary>
    public int Finalists { get; set; } = 3;

    /// <summary>
    /// Where trials are kept. An experiment that finds its trials in the store goes on with them; the caller disposes of it. Default: null, they are kept in
    /// memory for this run.
    /// </summary>
    public TrialStore? Store { get; set; }

    internal void Check()
    {
        var checks = new OptionChecks();
        checks.AtLeastOne(MaximumTrials);
        checks.AtLeastOne(MinimumNumberOfEpochs);
        checks.AtLeastOne(TrialsAtOnce);
        checks.AtLeastOne(Finalists);
        if (ReductionFactor < 2) throw checks.OutOfRange(nameof(ReductionFactor), ReductionFactor, "must be at least 2");
        if (MaximumTime is { TotalSeconds: < 1 }) throw checks.OutOfRange(nameof(MaximumTime), MaximumTime, "must be at least a second");
        if (MaximumTrials is null && MaximumTime is null)
            throw checks.Refused(nameof(MaximumTrials), "or MaximumTime has to be set: without a limit an experiment never ends.");
        if (Folds?.CountBy(static fold => fold.Name).FirstOrDefault(static name => name.Value > 1).Key is { } twice)
            throw checks.Refused(nameof(Folds), $"has two folds of the name '{twice}': give each another.");
    }
}
