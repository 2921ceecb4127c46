using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// How long training lasts: the number of epochs, the validation set, and early stopping. The model always has the weights of the best epoch.
/// </summary>
public sealed class StoppingOptions : IOptionGroup
{
    /// <summary>Maximum number of passes over the training data, at least 1; see <see cref="Patience"/>. Default: 50.</summary>
    public int MaximumNumberOfEpochs { get; set; } = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs;

    /// <summary>
    /// Maximum time of the epochs, validation included, at least a millisecond; reading the data, calibration and export are not counted. Training ends with
    /// the best weights so far: those of the last epoch too, which is validated wherever the time ends it, so one validation is always made. A learning-rate
    /// schedule reaches its end with the time. Runs that the time ends differ from one to the next. A resumed run counts the time before. Default: null, no
    /// limit.
    /// </summary>
    public TimeSpan? MaximumTrainingTime { get; set; }

    /// <summary>
    /// Fraction of the training data that is held out for validation if Fit gets no validation set, from 0 up to, but not including, 1. Rows are drawn at
    /// random (class by class for classes); of series the last part is taken. 0 trains all epochs on all data. Default: null, 0 for classifiers of fewer than
    /// 500 rows, unless <see cref="Patience"/> or <see cref="Metric"/> is set: their learning rate falls to 0 instead
    /// (<see cref="OptimizerOptions.LearningRateSchedule"/>). 0.1 otherwise.
    /// </summary>
    public float? ValidationFraction { get; set; }

    /// <summary>The fraction that null stands for.</summary>
    internal float ValidationShare => ValidationFraction ?? 0.1f;

    /// <summary>
    /// Epochs without an improvement on the validation set after which training stops, at least 1. Default: null, 5 for forecasters and 10 for other trainers.
    /// </summary>
    public int? Patience { get; set; }

    /// <summary>
    /// Validation metric for early stopping and best-epoch selection; which ones there are depends on the task. A learning rate that is reduced on a plateau
    /// watches the loss in any case. Default: the loss.
    /// </summary>
    public ValidationMetric Metric { get; set; }

    /// <summary>
    /// Minimum relative improvement over the best validation loss so far that counts as an improvement for <see cref="Patience"/>, from 0 up to, but not
    /// including, 1. Default: 0.
    /// </summary>
    public float MinimumChange { get; set; }

    /// <summary>
    /// Decay of a moving average of the validation loss, or of <see cref="Metric"/>, over epochs: <see cref="Patience"/> waits for an improvement of the
    /// average, which single lucky epochs move less. From 0, each epoch by itself, up to, but not including, 1. The weights are those of the best single epoch
    /// in any case. Default: 0.
    /// </summary>
    public float Smoothing { get; set; }

    internal void Check(RecurrentTask task)
    {
        var checks = new OptionChecks("Stopping");
        checks.AtLeastOne(MaximumNumberOfEpochs);
        if (MaximumTrainingTime is { TotalMilliseconds: < 1 } time)
            throw checks.OutOfRange(nameof(MaximumTrainingTime), time, "must be at least a millisecond, or null for no limit");
        checks.Fraction(ValidationFraction);
        checks.AtLeastOne(Patience);
        checks.Fraction(MinimumChange);
        checks.Fraction(Smoothing);
        if (!task.Metrics.Contains(Metric))
            throw checks.OutOfRange(nameof(Metric), Metric, $"must be one that this trainer knows: {string.Join(", ", task.Metrics)}");
    }
}
