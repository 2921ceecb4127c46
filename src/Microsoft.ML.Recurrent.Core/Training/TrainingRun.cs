using System.Diagnostics;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Where a training run stands: what callbacks look at.</summary>
internal sealed class TrainingRun(Network network, Head head, TrainingSettings settings, int batchesPerEpoch)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _epochStart;
    private TimeSpan _trainingTime;
    private double _lossSum, _weightSum;
    private long _rows;

    public Network Network { get; } = network;

    public Head Head { get; } = head;

    public TrainingSettings Settings { get; } = settings;

    public int BatchesPerEpoch { get; } = batchesPerEpoch;

    /// <summary>The epoch that runs, or the last one that ran, from 1.</summary>
    public int Epoch { get; private set; }

    /// <summary>Batches done in this epoch.</summary>
    public int Batch { get; private set; }

    /// <summary>Updates of the weights since the run began.</summary>
    public long Step { get; private set; }

    /// <summary>Mean training loss of this epoch so far.</summary>
    public double Loss => _weightSum > 0 ? _lossSum / _weightSum : 0;

    /// <summary>Loss of the last batch.</summary>
    public double BatchLoss { get; private set; }

    /// <summary>Global norm of the last batch's gradients, before clipping.</summary>
    public double GradientNorm { get; private set; }

    public float LearningRate { get; set; } = settings.LearningRate;

    /// <summary>Validation loss of the last epoch, or null.</summary>
    public double? ValidationLoss { get; private set; }

    /// <summary>The least validation loss so far, or null.</summary>
    public double? BestValidationLoss { get; set; }

    /// <summary>The epoch whose weights the network is going to be left with.</summary>
    public int BestEpoch { get; set; }

    /// <summary>The whole epochs so far.</summary>
    public List<EpochResult> Epochs { get; } = [];

    /// <summary>Why the run ends, null while it goes on.</summary>
    public TrainingEnd? End { get; private set; }

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>Sequences trained a second in this epoch, validation not counted.</summary>
    public double SequencesPerSecond => _rows / Math.Max(1e-9, EpochTime.TotalSeconds);

    /// <summary>Time left if all epochs run, validation reckoned as in the epochs before.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var share = BatchesPerEpoch == 0 ? 1 : Math.Min(1, (double)Batch / BatchesPerEpoch);
            var done = Epochs.Count == Epoch ? Epoch : Epoch - 1 + share;
            return done <= 0 ? TimeSpan.Zero : Elapsed * (Math.Max(0, Settings.MaximumNumberOfEpochs - done) / done);
        }
    }

    private TimeSpan EpochTime => Epochs.Count == Epoch ? _trainingTime : Stopwatch.GetElapsedTime(_epochStart);

    /// <summary>Ends the run after this batch.</summary>
    public void Stop(TrainingEnd reason) => End ??= reason;

    public void BeginEpoch()
    {
        Epoch++;
        (Batch, _lossSum, _weightSum, _rows) = (0, 0, 0, 0);
        _epochStart = Stopwatch.GetTimestamp();
    }

    public void EndBatch(double loss, double weight, int rows, double gradientNorm)
    {
        Batch++;
        Step++;
        _lossSum += loss * weight;
        _weightSum += weight;
        _rows += rows;
        (BatchLoss, GradientNorm) = (loss, gradientNorm);
    }

    /// <summary>Marks the end of the epoch's training, before its validation.</summary>
    public void EndTraining() => _trainingTime = Stopwatch.GetElapsedTime(_epochStart);

    public void EndEpoch(double? validationLoss)
    {
        ValidationLoss = validationLoss;
        var speed = _rows / Math.Max(1e-9, _trainingTime.TotalSeconds);
        Epochs.Add(new EpochResult(Epoch, Loss, validationLoss, LearningRate, speed));
        if (validationLoss is null) BestEpoch = Epoch;
    }

    public TrainingHistory History() => new() { Epochs = [.. Epochs], BestEpoch = BestEpoch, End = End ?? TrainingEnd.Completed, Elapsed = Elapsed };
}
