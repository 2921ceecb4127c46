using System.Diagnostics;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Reports progress after the first batch, a few times per second, at the end of every epoch, and at the end of the run.</summary>
internal sealed class ProgressReporter(IProgress<TrainingProgress> progress) : TrainingCallback
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);
    private long _last;

    public override void BatchEnded(TrainingRun run)
    {
        if (_last == 0 || Stopwatch.GetElapsedTime(_last) >= s_interval) Report(run, epochEnded: false);
    }

    public override void EpochEnded(TrainingRun run) => Report(run, epochEnded: true);

    public override void RunEnded(TrainingRun run) => Report(run, epochEnded: false, run.End ?? TrainingEnd.Completed);

    private void Report(TrainingRun run, bool epochEnded, TrainingEnd? end = null)
    {
        _last = Stopwatch.GetTimestamp();
        progress.Report(new TrainingProgress
        {
            Epoch = run.Epoch,
            MaximumNumberOfEpochs = run.Settings.MaximumNumberOfEpochs,
            Batch = run.Batch,
            BatchesPerEpoch = run.BatchesPerEpoch,
            Loss = run.Loss,
            ValidationLoss = run.ValidationLoss,
            BestValidationLoss = run.BestValidationLoss,
            ValidationMetric = run.ValidationMetric,
            WatchedMetric = run.WatchedMetric,
            SequencesPerSecond = run.SequencesPerSecond,
            Elapsed = run.Elapsed,
            Remaining = end is null ? run.Remaining : TimeSpan.Zero,
            End = end,
            BestEpoch = end is null ? null : run.BestEpoch,
            EpochEnded = epochEnded,
            HasPerplexity = run.Settings.HasPerplexity,
        });
    }
}
