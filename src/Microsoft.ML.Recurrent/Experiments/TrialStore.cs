namespace Microsoft.ML.Recurrent;

/// <summary>
/// Keeps what became of trials, so that an experiment that was interrupted goes on where it ended. A store belongs to one experiment: its options, search
/// space, metric and seed. Its members may be called by several threads, one at a time.
/// </summary>
public abstract class TrialStore : IDisposable
{
    /// <summary>Begins or resumes an experiment; returns the trials that the store has, those that were interrupted too.</summary>
    /// <param name="experiment">What the experiment is, as text.</param>
    /// <exception cref="InvalidOperationException">The store holds another experiment.</exception>
    public abstract IReadOnlyList<TrialResult> Begin(string experiment);

    /// <summary>Keeps a trial, in place of what was kept of it. It is called after each epoch of a trial, and at its end.</summary>
    /// <param name="result">The trial so far.</param>
    public abstract void Save(TrialResult result);

    /// <summary>Keeps the model of the best trial so far, in place of the one before.</summary>
    /// <param name="trial">The number of the trial.</param>
    /// <param name="model">The model.</param>
    /// <param name="schema">The schema of the rows that it reads.</param>
    public abstract void SaveModel(int trial, ITransformer model, DataViewSchema schema);

    /// <summary>The model of a trial; null where it is not kept.</summary>
    /// <param name="trial">The number of the trial.</param>
    public abstract ITransformer? LoadModel(int trial);

    /// <summary>A folder for the checkpoints of a trial alone; null where training is not kept, and an interrupted trial begins anew.</summary>
    /// <param name="trial">The number of the trial.</param>
    /// <param name="isRefit">Whether the trial is trained again on all rows.</param>
    public virtual string? CheckpointFolder(int trial, bool isRefit) => null;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the store holds.</summary>
    /// <param name="disposing">Whether <see cref="Dispose()"/> was called.</param>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>The error where a store holds another experiment.</summary>
    /// <param name="store">The name of the store.</param>
    /// <param name="kept">The experiment that it holds.</param>
    /// <param name="asked">The one that was asked for.</param>
    protected static InvalidOperationException Foreign(string store, string kept, string asked)
    {
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(asked);
        var (own, other) = (kept.Split('\n'), asked.Split('\n'));
        var difference = own.Except(other).FirstOrDefault() is { } was
            ? $"'{was}'{(other.Except(own).FirstOrDefault() is { } now ? $" there, '{now}' here" : " there")}"
            : $"'{other.Except(own).FirstOrDefault()}' here";
        return new($"{store} holds the trials of another experiment ({difference}): use another store, or the same options, search space, metric and seed.");
    }
}
