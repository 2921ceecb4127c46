using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Microsoft.ML.Recurrent.Workbench.Search;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>Searches with successive halving around the plan's own options; trials are kept in the run's folder.</summary>
internal sealed class ExperimentSearch : ITrialSearch
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);

    public SearchOutcome Search(MLContext mlContext, PreparedRun run, RunFolder folder, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        var (plan, request) = (run.Plan, run.Request);
        var options = plan.Pipeline.Trainer.Options;
        using var store = SqliteTrialStore.Open(mlContext, folder[RunFolder.TrialsFile]);
        var experiment = mlContext.CreateRecurrentExperiment(plan.Pipeline.Create, options,
            new ExperimentMetric(plan.Metric.Name, plan.Metric.HigherIsBetter,
                (model, _) => plan.Validate(model))
            { WhileTraining = WatchedBy(options, plan.Metric) },
            new()
            {
                MaximumTime = request.RemainingTime is { } left && left < s_shortest ? s_shortest : request.RemainingTime,
                MaximumTrials = request.MaximumNumberOfTrials,
                Seed = request.Seed,
                Store = store,
                RefitData = plan.Learned,
                // The default options alone have no rival.
                Folds = request.MaximumNumberOfTrials == 1 ? null : plan.Folds,
            });
        var result = experiment.Execute(plan.Train, plan.Validation, progress is null ? null : new Forward(progress), cancellationToken);
        return new(result.Model, result.Options, result.Best, result.Trials)
        {
            WasCancelled = result.IsCanceled,
            WhyNotRefitted = result.WhyNotRefitted,
            Final = result.Final,
        };
    }

    // What of the rows that training holds out is nearest to the metric of the plan.
    private static ValidationMetric WatchedBy(RecurrentTrainerOptions options, TrialMetric metric)
    {
        var watched = metric.Name switch
        {
            "RMSE" => ValidationMetric.RootMeanSquaredError,
            "MASE" or "MAE" => ValidationMetric.MeanAbsoluteError,
            "EntityF1" => ValidationMetric.F1Score,
            _ when metric.Name.EndsWith("Accuracy", StringComparison.Ordinal) => ValidationMetric.Accuracy,
            _ => ValidationMetric.Loss,
        };
        return options.Task.Metrics.Contains(watched) ? watched : ValidationMetric.Loss;
    }

    private sealed class Forward(IProgress<RunProgress> progress) : IProgress<ExperimentProgress>
    {
        public void Report(ExperimentProgress value) => progress.Report(new(RunStage.Search, value));
    }
}
