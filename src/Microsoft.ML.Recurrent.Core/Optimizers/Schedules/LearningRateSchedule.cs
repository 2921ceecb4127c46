using Microsoft.ML.Recurrent.Optimizers.Schedules;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// A learning-rate schedule, as defined by PyTorch. The <c>LearningRate</c> of the options is the initial rate (of <see cref="OneCycle"/>: the maximum).
/// <see cref="WithWarmup"/> adds a warmup to any schedule.
/// </summary>
public abstract class LearningRateSchedule
{
    private protected LearningRateSchedule()
    {
    }

    /// <summary>Multiplies the rate by <paramref name="factor"/> every <paramref name="epochs"/> epochs.</summary>
    /// <param name="epochs">At least 1.</param>
    /// <param name="factor">Greater than 0.</param>
    public static LearningRateSchedule Step(int epochs, float factor = 0.5f)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        return new StepSchedule(epochs, Positive(factor, nameof(factor)));
    }

    /// <summary>Multiplies the rate by <paramref name="factor"/> after each epoch, after a constant phase.</summary>
    /// <param name="factor">Greater than 0.</param>
    /// <param name="constantEpochs">Initial epochs with a constant rate, at least 1: with 4, the fifth epoch is the first with a changed rate.</param>
    public static LearningRateSchedule Exponential(float factor, int constantEpochs = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(constantEpochs, 1);
        return new ExponentialSchedule(Positive(factor, nameof(factor)), constantEpochs);
    }

    /// <summary>Cosine decay to <paramref name="minimum"/> at the end of the run, updated every step (Loshchilov and Hutter 2017, without restarts).</summary>
    /// <param name="minimum">At least 0.</param>
    public static LearningRateSchedule Cosine(float minimum = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimum);
        return new CosineSchedule(minimum);
    }

    /// <summary>
    /// One cycle: the rate rises along a cosine to the rate of the options, then falls to nearly zero, updated every step (Smith and Topin 2019).
    /// </summary>
    /// <param name="warmupShare">Fraction of the run in which the rate rises, between 0 and 1.</param>
    /// <param name="startDivisor">The initial rate is the maximum divided by this; at least 1.</param>
    /// <param name="endDivisor">The final rate is the initial rate divided by this; at least 1.</param>
    public static LearningRateSchedule OneCycle(float warmupShare = 0.3f, float startDivisor = 25, float endDivisor = 1e4f)
    {
        if (warmupShare is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(warmupShare), warmupShare, "The warmup share must be between 0 and 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(startDivisor, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(endDivisor, 1);
        return new OneCycleSchedule(warmupShare, startDivisor, endDivisor);
    }

    /// <summary>
    /// Multiplies the rate by <paramref name="factor"/> when the validation loss (without a validation set: the training loss) has not improved for more than
    /// <paramref name="patience"/> epochs.
    /// </summary>
    /// <param name="factor">Between 0 and 1.</param>
    /// <param name="patience">At least 0.</param>
    /// <param name="threshold">The minimum relative decrease of the best loss that counts as an improvement.</param>
    public static LearningRateSchedule ReduceOnPlateau(float factor = 0.1f, int patience = 10, float threshold = 1e-4f)
    {
        if (factor is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(factor), factor, "The factor must be between 0 and 1.");
        ArgumentOutOfRangeException.ThrowIfNegative(patience);
        ArgumentOutOfRangeException.ThrowIfNegative(threshold);
        return new PlateauSchedule(factor, patience, threshold);
    }

    /// <summary>A constant rate, to combine with <see cref="WithWarmup"/>.</summary>
    public static LearningRateSchedule Constant() => new StepSchedule(1, 1);

    /// <summary>
    /// The same schedule with a linear warmup: in the first <paramref name="steps"/> steps the rate is multiplied by a factor that rises from
    /// <paramref name="startFactor"/> to 1.
    /// </summary>
    /// <param name="steps">Optimizer steps, at least 1.</param>
    /// <param name="startFactor">From 0 to 1.</param>
    public LearningRateSchedule WithWarmup(int steps, float startFactor = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (startFactor is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(startFactor), startFactor, "The factor must be from 0 to 1.");
        return new WarmupSchedule(this, steps, startFactor);
    }

    /// <summary>The method above that makes this, and its arguments, for code that makes it again; those of a warmup begin with its schedule.</summary>
    internal abstract (string Method, object[] Arguments) Made { get; }

    /// <summary>The rate of one step. <paramref name="state"/> holds what a schedule keeps besides the time.</summary>
    internal abstract double RateAt(double initialRate, in ScheduleTime time, PlateauState state);

    /// <summary>Called with the loss of each epoch.</summary>
    internal virtual void EpochEnded(double loss, PlateauState state)
    {
    }

    private static float Positive(float value, string name) =>
        value > 0 && float.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, "The factor must be greater than zero.");
}
