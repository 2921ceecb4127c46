namespace Microsoft.ML.Recurrent.Optimizers.Schedules;

/// <summary>The time of a step: steps taken before it, steps of the run if all epochs run, and steps per epoch.</summary>
internal readonly record struct ScheduleTime(long Step, long TotalSteps, long StepsPerEpoch)
{
    /// <summary>Completed epochs.</summary>
    public long Epoch => StepsPerEpoch > 0 ? Step / StepsPerEpoch : 0;
}

/// <summary>The loss history of a schedule; saved in checkpoints.</summary>
internal sealed class PlateauState
{
    public double Best { get; set; } = double.PositiveInfinity;

    public int EpochsWithout { get; set; }

    public double Factor { get; set; } = 1;
}
