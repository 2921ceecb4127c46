using Microsoft.ML.Recurrent.Optimizers.Schedules;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// How the learning rate changes while training, each by PyTorch's definition. The rate that the options name is the one that a schedule starts from (of
/// <see cref="OneCycle"/>: the greatest). Combine a schedule with a slow start by <see cref="WithWarmup"/>.
/// </summary>
public abstract class LearningRateSchedule
{
    private protected LearningRateSchedule()
    {
    }

    /// <summary>The rate is multiplied by <paramref name="factor"/> every <paramref name="epochs"/> epochs.</summary>
    /// <param name="epochs">At least 1.</param>
    /// <param name="factor">Greater than 0.</param>
    public static LearningRateSchedule Step(int epochs, float factor = 0.5f)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        return new StepSchedule(epochs, Positive(factor, nameof(factor)));
    }

    /// <summary>The rate is multiplied by <paramref name="factor"/> after each epoch from a given one on.</summary>
    /// <param name="factor">Greater than 0.</param>
    /// <param name="constantEpochs">Epochs at the beginning in which the rate stays as it is, at least 1: 4 means that the fifth epoch is the first with a
    /// changed rate.</param>
    public static LearningRateSchedule Exponential(float factor, int constantEpochs = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(constantEpochs, 1);
        return new ExponentialSchedule(Positive(factor, nameof(factor)), constantEpochs);
    }

    /// <summary>
    /// The rate follows half a cosine down to <paramref name="minimum"/> at the end of the run, step by step (Loshchilov and Hutter 2017, without restarts).
    /// </summary>
    /// <param name="minimum">At least 0.</param>
    public static LearningRateSchedule Cosine(float minimum = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimum);
        return new CosineSchedule(minimum);
    }

    /// <summary>
    /// The rate rises along a cosine to the rate of the options and falls to nearly nothing, step by step over the whole run (Smith and Topin 2019).
    /// </summary>
    /// <param name="warmupShare">Share of the run in which the rate rises, between 0 and 1.</param>
    /// <param name="startDivisor">The first rate is the greatest divided by this, at least 1.</param>
    /// <param name="endDivisor">The last rate is the first divided by this, at least 1.</param>
    public static LearningRateSchedule OneCycle(float warmupShare = 0.3f, float startDivisor = 25, float endDivisor = 1e4f)
    {
        if (warmupShare is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(warmupShare), warmupShare, "The share lies between 0 and 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(startDivisor, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(endDivisor, 1);
        return new OneCycleSchedule(warmupShare, startDivisor, endDivisor);
    }

    /// <summary>
    /// The rate is multiplied by <paramref name="factor"/> when the validation loss (the training loss where there is no validation set) has not improved for
    /// more than <paramref name="patience"/> epochs.
    /// </summary>
    /// <param name="factor">Between 0 and 1.</param>
    /// <param name="patience">At least 0.</param>
    /// <param name="threshold">By how much, as a share of the best loss, a loss has to be lower to count as an improvement.</param>
    public static LearningRateSchedule ReduceOnPlateau(float factor = 0.1f, int patience = 10, float threshold = 1e-4f)
    {
        if (factor is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(factor), factor, "The factor lies between 0 and 1.");
        ArgumentOutOfRangeException.ThrowIfNegative(patience);
        ArgumentOutOfRangeException.ThrowIfNegative(threshold);
        return new PlateauSchedule(factor, patience, threshold);
    }

    /// <summary>A constant rate, for a slow start by <see cref="WithWarmup"/>.</summary>
    public static LearningRateSchedule Constant() => new StepSchedule(1, 1);

    /// <summary>
    /// The same schedule, but in the first <paramref name="steps"/> steps its rate is multiplied by a factor that rises in a straight line from
    /// <paramref name="startFactor"/> to 1.
    /// </summary>
    /// <param name="steps">Updates of the weights, at least 1.</param>
    /// <param name="startFactor">From 0 to 1.</param>
    public LearningRateSchedule WithWarmup(int steps, float startFactor = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (startFactor is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(startFactor), startFactor, "The factor lies from 0 to 1.");
        return new WarmupSchedule(this, steps, startFactor);
    }

    /// <summary>The rate of one update, for schedules that are no function of time alone given what <paramref name="state"/> remembers.</summary>
    internal abstract double RateAt(double initialRate, in ScheduleTime time, PlateauState state);

    /// <summary>Told the loss of each epoch.</summary>
    internal virtual void EpochEnded(double loss, PlateauState state)
    {
    }

    private static float Positive(float value, string name) =>
        value > 0 && float.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, "The factor must be greater than zero.");
}
