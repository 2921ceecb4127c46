namespace Microsoft.ML.Recurrent.Optimizers.Schedules;

/// <summary>initial x factor^(epoch / every).</summary>
internal sealed class StepSchedule(int every, float factor) : LearningRateSchedule
{
    internal override (string Method, object[] Arguments) Made => (nameof(Step), [every, factor]);

    internal override double RateAt(double initialRate, in ScheduleTime time, PlateauState state) => initialRate * Math.Pow(factor, time.Epoch / every);
}

/// <summary>initial x factor^(epochs after the constant ones).</summary>
internal sealed class ExponentialSchedule(float factor, int constantEpochs) : LearningRateSchedule
{
    internal override (string Method, object[] Arguments) Made => (nameof(Exponential), [factor, constantEpochs]);

    internal override double RateAt(double initialRate, in ScheduleTime time, PlateauState state) =>
        initialRate * Math.Pow(factor, Math.Max(0, time.Epoch - constantEpochs + 1));
}

/// <summary>minimum + (initial - minimum) (1 + cos(pi step / total)) / 2.</summary>
internal sealed class CosineSchedule(float minimum) : LearningRateSchedule
{
    internal override (string Method, object[] Arguments) Made => (nameof(Cosine), [minimum]);

    internal override double RateAt(double initialRate, in ScheduleTime time, PlateauState state) =>
        minimum + (initialRate - minimum) * (1 + Math.Cos(Math.PI * Math.Min(time.Step, time.TotalSteps) / time.TotalSteps)) / 2;
}

/// <summary>Up along a cosine, then down along another; the initial rate is the maximum.</summary>
internal sealed class OneCycleSchedule(float warmupShare, float startDivisor, float endDivisor) : LearningRateSchedule
{
    internal override (string Method, object[] Arguments) Made => (nameof(OneCycle), [warmupShare, startDivisor, endDivisor]);

    internal override double RateAt(double initialRate, in ScheduleTime time, PlateauState state)
    {
        var (first, peak, last) = (initialRate / startDivisor, warmupShare * (double)time.TotalSteps - 1, time.TotalSteps - 1.0);
        var step = Math.Min(time.Step, last);
        return peak > 0 && step <= peak ? Anneal(first, initialRate, step / peak) : Anneal(initialRate, first / endDivisor, (step - peak) / (last - peak));
    }

    private static double Anneal(double from, double to, double share) => to + (from - to) / 2 * (1 + Math.Cos(Math.PI * share));
}

/// <summary>initial x factor^(number of plateaus).</summary>
internal sealed class PlateauSchedule(float factor, int patience, float threshold) : LearningRateSchedule
{
    internal override (string Method, object[] Arguments) Made => (nameof(ReduceOnPlateau), [factor, patience, threshold]);

    internal override double RateAt(double initialRate, in ScheduleTime time, PlateauState state) => initialRate * state.Factor;

    internal override void EpochEnded(double loss, PlateauState state)
    {
        if (loss < state.Best * (1 - threshold)) (state.Best, state.EpochsWithout) = (loss, 0);
        else state.EpochsWithout++;
        if (state.EpochsWithout <= patience) return;
        state.Factor *= factor;
        state.EpochsWithout = 0;
    }
}

/// <summary>The rate of another schedule times a factor that rises to 1.</summary>
internal sealed class WarmupSchedule(LearningRateSchedule schedule, int steps, float startFactor) : LearningRateSchedule
{
    internal override (string Method, object[] Arguments) Made => (nameof(WithWarmup), [schedule, steps, startFactor]);

    internal override double RateAt(double initialRate, in ScheduleTime time, PlateauState state) =>
        schedule.RateAt(initialRate, time, state) * (startFactor + (1 - startFactor) * Math.Min(1, (double)time.Step / steps));

    internal override void EpochEnded(double loss, PlateauState state) => schedule.EpochEnded(loss, state);
}
