namespace Microsoft.ML.Recurrent.Training;

/// <summary>Something that watches a training run and may end it (<see cref="TrainingRun.Stop"/>).</summary>
internal abstract class TrainingCallback
{
    /// <summary>Called after each update of the weights.</summary>
    public virtual void BatchEnded(TrainingRun run)
    {
    }

    /// <summary>Called after each whole epoch, its validation included.</summary>
    public virtual void EpochEnded(TrainingRun run)
    {
    }

    /// <summary>Called once, after the last epoch, however the run ended.</summary>
    public virtual void RunEnded(TrainingRun run)
    {
    }
}
