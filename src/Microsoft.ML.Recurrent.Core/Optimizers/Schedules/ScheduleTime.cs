namespace Microsoft.ML.Recurrent.Optimizers.Schedules;

/// <summary>When an update happens: how many were done before it, how many there will be if all epochs run, and how many make an epoch.</summary>
internal readonly record struct ScheduleTime(long Step, long TotalSteps, long StepsPerEpoch)
{
    /// <summary>Whole epochs done.</summary>
    public long Epoch => StepsPerEpoch > 0 ? Step / StepsPerEpoch : 0;
}

/// <summary>What a schedule remembers of the losses so far; kept in checkpoints.</summary>
internal sealed class PlateauState
{
    public double Best { get; set; } = double.PositiveInfinity;

    public int EpochsWithout { get; set; }

    public double Factor { get; set; } = 1;
}
