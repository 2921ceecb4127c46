using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Optimizers.Schedules;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>The state of a training run, as seen by callbacks.</summary>
internal sealed class TrainingRun(Network network, TrainingSettings settings, int batchesPerEpoch, TimeProvider? clock = null) : ICheckpointed
{
    private readonly int _usualBatches = batchesPerEpoch;
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly long _start = (clock ?? TimeProvider.System).GetTimestamp();
    private (long Time, double Done)? _first;
    private long _epochStart;
    private TimeSpan _trainingTime, _validationTime, _before;
    private double _lossSum, _weightSum;
    private long _rows, _rowsBefore;

    public Network Network { get; } = network;

    public TrainingSettings Settings { get; } = settings;

    /// <summary>Batches of this epoch; before the first, about those of any.</summary>
    public int BatchesPerEpoch { get; set; } = batchesPerEpoch;

    /// <summary>The current or last epoch, from 1.</summary>
    public int Epoch { get; private set; }

    /// <summary>Completed batches of this epoch.</summary>
    public int Batch { get; private set; }

    /// <summary>Weight updates since the start of the run.</summary>
    public long Step { get; private set; }

    /// <summary>Updates per epoch, for schedules: about, where epochs differ in their batches.</summary>
    public long StepsPerEpoch => ((long)_usualBatches + Settings.BatchesPerUpdate - 1) / Settings.BatchesPerUpdate;

    /// <summary>The time of the next update. A run that its maximum time will end has the steps that it can take at the speed so far.</summary>
    public ScheduleTime Time
    {
        get
        {
            var steps = StepsPerEpoch * Settings.MaximumNumberOfEpochs;
            if (Settings.MaximumTrainingTime is { } limit && Math.Min(1, Elapsed / limit) is > 0 and var share)
                steps = (long)Math.Clamp(Math.Ceiling(Step / share), Math.Min(Step + 1, steps), steps);
            return new(Math.Min(Step, Math.Max(0, steps - 1)), steps, StepsPerEpoch);
        }
    }

    /// <summary>Whether the maximum training time is over, or will be after another validation.</summary>
    public bool IsTimeOver => Elapsed + _validationTime >= Settings.MaximumTrainingTime;

    /// <summary>Whether an epoch is in progress.</summary>
    public bool InEpoch { get; private set; }

    /// <summary>Mean training loss of this epoch so far.</summary>
    public double Loss => _weightSum > 0 ? _lossSum / _weightSum : 0;

    /// <summary>Loss of the last batch.</summary>
    public double BatchLoss { get; private set; }

    /// <summary>Global gradient norm of the last update, before clipping.</summary>
    public double GradientNorm { get; private set; }

    /// <summary>The learning rate of the last update, initially that of the first.</summary>
    public double LearningRate { get; private set; } = settings.LearningRate;

    /// <summary>Random streams drawn so far, such as those of dropout; with the seed the whole random state.</summary>
    public ulong RandomStreams { get; set; }

    /// <summary>The loss history of the schedule.</summary>
    public PlateauState Plateau { get; } = new();

    /// <summary>Validation loss of the last epoch, or null.</summary>
    public double? ValidationLoss { get; private set; }

    /// <summary>The best validation loss so far, or null.</summary>
    public double? BestValidationLoss { get; private set; }

    /// <summary>The early-stopping metric of the last validation; null if that is the loss.</summary>
    public double? ValidationMetric { get; private set; }

    /// <summary>The watched metric of the last validation; null for none.</summary>
    public double? WatchedMetric { get; private set; }

    /// <summary>The epoch whose weights will be restored.</summary>
    public int BestEpoch { get; set; }

    /// <summary>The completed epochs.</summary>
    public List<EpochResult> Epochs { get; } = [];

    /// <summary>Why the run ends; null while it continues.</summary>
    public TrainingEnd? End { get; private set; }

    /// <summary>Time since the start of the run, including the time before a resumed checkpoint.</summary>
    public TimeSpan Elapsed => _before + _clock.GetElapsedTime(_start);

    /// <summary>Training sequences per second in this epoch, without validation.</summary>
    public double SequencesPerSecond => (_rows - _rowsBefore) / Math.Max(1e-9, EpochTime.TotalSeconds);

    /// <summary>
    /// Estimated remaining time if all epochs run, at most until the maximum training time; validation time is estimated from earlier epochs. The first batch,
    /// in which code is compiled, is left out; null before the second.
    /// </summary>
    public TimeSpan? Remaining
    {
        get
        {
            var left = Settings.MaximumNumberOfEpochs - Done;
            if (left <= 0) return TimeSpan.Zero;
            var untilLimit = Settings.MaximumTrainingTime - Elapsed;
            return _first is { } first && Done > first.Done && _clock.GetElapsedTime(first.Time) * (left / (Done - first.Done)) is var time
                ? TimeSpan.FromTicks(Math.Clamp(untilLimit?.Ticks ?? long.MaxValue, 0, time.Ticks))
                : null;
        }
    }

    // Completed epochs, and the share of this one.
    private double Done => Epochs.Count == Epoch ? Epoch : Epoch - 1 + (BatchesPerEpoch == 0 ? 1 : Math.Min(1, (double)Batch / BatchesPerEpoch));

    private TimeSpan EpochTime => Epochs.Count == Epoch ? _trainingTime : _clock.GetElapsedTime(_epochStart);

    /// <summary>The loss of the first batch, before any update; null if the run did not begin with it.</summary>
    public double? InitialLoss { get; private set; }

    /// <summary>Why training diverged; null if it did not.</summary>
    public string? Divergence { get; private set; }

    /// <summary>Ends the run because training diverged.</summary>
    public void Diverge(string reason)
    {
        Divergence = reason;
        Stop(TrainingEnd.Diverged);
    }

    /// <summary>Ends the run after this batch.</summary>
    public void Stop(TrainingEnd reason) => End ??= reason;

    public void BeginEpoch()
    {
        if (!InEpoch)
        {
            Epoch++;
            (Batch, _lossSum, _weightSum, _rows) = (0, 0, 0, 0);
        }

        (InEpoch, _rowsBefore) = (true, _rows);
        _epochStart = _clock.GetTimestamp();
    }

    public void EndBatch(double loss, double weight, int rows)
    {
        Batch++;
        _first ??= (_clock.GetTimestamp(), Done);
        if (Batch == 1 && Epoch == 1) InitialLoss = loss;
        _lossSum += loss * weight;
        _weightSum += weight;
        _rows += rows;
        BatchLoss = loss;
    }

    public void EndUpdate(double gradientNorm) => (Step, GradientNorm) = (Step + 1, gradientNorm);

    /// <summary>Sets the learning rate of the next update.</summary>
    public double NextRate()
    {
        if (Settings.Schedule is { } schedule)
            LearningRate = schedule.RateAt(Settings.LearningRate, Time, Plateau);
        return LearningRate;
    }

    /// <summary>Marks the end of the training part of the epoch, before validation.</summary>
    public void EndTraining() => _trainingTime = _clock.GetElapsedTime(_epochStart);

    public void EndEpoch(double? validationLoss, double? validationMetric = null, double? watchedMetric = null)
    {
        (ValidationLoss, ValidationMetric, WatchedMetric) = (validationLoss, validationMetric, watchedMetric);
        _validationTime = _clock.GetElapsedTime(_epochStart) - _trainingTime;
        if (BestValidationLoss is not { } best || validationLoss < best) BestValidationLoss = validationLoss;
        var speed = (_rows - _rowsBefore) / Math.Max(1e-9, _trainingTime.TotalSeconds);
        Epochs.Add(new EpochResult(Epoch, Loss, validationLoss, LearningRate, speed)
        {
            ValidationMetric = validationMetric,
            HasPerplexity = Settings.HasPerplexity,
        });
        if (validationLoss is null) BestEpoch = Epoch;
        Settings.Schedule?.EpochEnded(validationLoss ?? Loss, Plateau);
        InEpoch = false;
    }

    /// <summary>Saves everything except tensors. A cancelled run continues when resumed; a completed one stays completed.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(Epoch);
        writer.Write(Batch);
        writer.Write(Step);
        writer.Write(InEpoch);
        foreach (var value in new[] { _lossSum, _weightSum, BatchLoss, GradientNorm, LearningRate, Plateau.Best, Plateau.Factor, ValidationLoss ?? double.NaN,
            BestValidationLoss ?? double.NaN, ValidationMetric ?? double.NaN }) writer.Write(value);
        writer.Write(_rows);
        writer.Write(Plateau.EpochsWithout);
        writer.Write(BestEpoch);
        writer.Write(Elapsed.Ticks);
        writer.Write(End is TrainingEnd.EarlyStopping);
        writer.Write(Epochs.Count);
        foreach (var epoch in Epochs)
        {
            writer.Write(epoch.Epoch);
            foreach (var value in new[] { epoch.Loss, epoch.ValidationLoss, epoch.LearningRate, epoch.SequencesPerSecond, epoch.ValidationMetric })
                writer.Write(value ?? double.NaN);
        }
    }

    public void Load(BinaryReader reader, TrainingRun run)
    {
        (Epoch, Batch, Step, InEpoch) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64(), reader.ReadBoolean());
        (_lossSum, _weightSum, BatchLoss, GradientNorm, LearningRate) =
            (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        (Plateau.Best, Plateau.Factor) = (reader.ReadDouble(), reader.ReadDouble());
        (ValidationLoss, BestValidationLoss, ValidationMetric) = (Known(reader.ReadDouble()), Known(reader.ReadDouble()), Known(reader.ReadDouble()));
        (_rows, Plateau.EpochsWithout, BestEpoch, _before) = (reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt32(), new TimeSpan(reader.ReadInt64()));
        End = reader.ReadBoolean() ? TrainingEnd.EarlyStopping : null;
        Epochs.Clear();
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            var epoch = new EpochResult(reader.ReadInt32(), reader.ReadDouble(), Known(reader.ReadDouble()), reader.ReadDouble(), Known(reader.ReadDouble()));
            Epochs.Add(epoch with { ValidationMetric = Known(reader.ReadDouble()), HasPerplexity = Settings.HasPerplexity });
        }

        static double? Known(double value) => double.IsNaN(value) ? null : value;
    }

    public TrainingHistory History() => new()
    {
        Epochs = [.. Epochs],
        BestEpoch = BestEpoch,
        End = End ?? TrainingEnd.Completed,
        Elapsed = Elapsed,
        InitialLoss = InitialLoss,
        Divergence = Divergence,
    };
}
