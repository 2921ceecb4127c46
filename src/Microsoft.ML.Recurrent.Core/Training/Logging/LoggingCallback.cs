using Microsoft.ML.Recurrent.Optimizers;

namespace Microsoft.ML.Recurrent.Training.Logging;

/// <summary>Passes the metrics of a run to its loggers, at a fixed interval of updates and at the end of every epoch.</summary>
internal sealed class LoggingCallback(IReadOnlyList<TrainingLogger> loggers, int everySteps, TrainingStatistics? statistics) : TrainingCallback
{
    private long _lastStep = -1;

    public override void BatchEnded(TrainingRun run)
    {
        if (run.Step == 0 || run.Step % everySteps != 0 || run.Step == _lastStep) return;
        _lastStep = run.Step;
        List<KeyValuePair<string, double>> values =
        [
            new("train/loss", run.BatchLoss), new("train/gradient_norm", run.GradientNorm), new("train/learning_rate", run.LearningRate),
            new("train/sequences_per_second", run.SequencesPerSecond),
        ];
        if (statistics is not null)
        {
            values.AddRange(statistics.Values);
            foreach (var parameter in run.Network.Parameters)
            {
                if (!parameter.Trainable) continue;
                values.Add(new($"gradient_norm/{parameter.Name}", GradientClipping.Norm(parameter)));
                values.Add(new($"weight_norm/{parameter.Name}", System.Numerics.Tensors.TensorPrimitives.Norm<float>(parameter.Value.Span)));
            }
        }

        Log(run, values);
    }

    public override void EpochEnded(TrainingRun run)
    {
        List<KeyValuePair<string, double>> values = [new("epoch/train_loss", run.Epochs[^1].Loss)];
        if (run.ValidationLoss is { } loss) values.Add(new("epoch/validation_loss", loss));
        if (run.ValidationMetric is { } metric) values.Add(new($"epoch/validation_{run.Settings.EarlyStoppingMetric.LogName()}", metric));
        Log(run, values);
    }

    private void Log(TrainingRun run, List<KeyValuePair<string, double>> values)
    {
        var entry = new TrainingLogEntry { Step = run.Step, Epoch = run.Epoch, Time = DateTimeOffset.UtcNow, Elapsed = run.Elapsed, Values = values };
        foreach (var logger in loggers) logger.Log(entry);
    }
}
