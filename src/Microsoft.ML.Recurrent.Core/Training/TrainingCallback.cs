namespace Microsoft.ML.Recurrent.Training;

/// <summary>Observes a training run and may end it (<see cref="TrainingRun.Stop"/>).</summary>
internal abstract class TrainingCallback
{
    /// <summary>Called after each weight update.</summary>
    public virtual void BatchEnded(TrainingRun run)
    {
    }

    /// <summary>Called after each complete epoch and its validation.</summary>
    public virtual void EpochEnded(TrainingRun run)
    {
    }

    /// <summary>Called once at the end of the run, whatever ended it.</summary>
    public virtual void RunEnded(TrainingRun run)
    {
    }
}
