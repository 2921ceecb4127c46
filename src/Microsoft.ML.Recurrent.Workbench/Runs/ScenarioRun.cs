using System.Diagnostics;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration;
using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.ML.Recurrent.Workbench.Scenarios;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>A run from a plan to its files: search, final figures, model, configuration, code and report.</summary>
public static class ScenarioRun
{
    /// <summary>The extension of models.</summary>
    public const string ModelExtension = ".mlnet";

    // What writes further files of a run: code, report.
    private static readonly IRunWriter[] s_writers = [new CodeWriter(), new ReportWriter()];

    private static readonly ITrialSearch s_search = new ExperimentSearch();

    /// <summary>Runs a plan.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="run">The plan.</param>
    /// <param name="output">The folder of its files; see <see cref="RunFolder"/>.</param>
    /// <param name="keepsTrials">Whether the trials of an interrupted run in that folder are kept, to go on with them.</param>
    /// <param name="progress">Receives the progress.</param>
    /// <param name="cancellationToken">Ends the search; the best model so far is measured and written.</param>
    /// <exception cref="OperationCanceledException">It was ended before there was a model; nothing is written.</exception>
    /// <exception cref="IOException">A file cannot be written; nothing is left.</exception>
    public static RunResult Execute(MLContext mlContext, PreparedRun run, string output, bool keepsTrials = false, IProgress<RunProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        var start = Stopwatch.GetTimestamp();
        using var folder = RunFolder.Begin(output, keepsTrials);
        var watch = new Watch(progress) { HasTrials = keepsTrials };
        try
        {
            var config = RunConfig.Create(run, folder.Target);
            var configFile = run.Request.Name + TrainingConfig.FileExtension;
            config.Write(folder[configFile]);
            var found = s_search.Search(mlContext, run, folder, watch, cancellationToken);
            watch.HasTrials = true;
            RunConfig.SetUsedTime(config, run.Request.UsedTime + Stopwatch.GetElapsedTime(start));
            progress?.Report(new(RunStage.Evaluation));
            var evaluation = run.Plan.Test is null ? null : run.Plan.Evaluate(found.Model);
            progress?.Report(new(RunStage.Writing));
            var modelFile = run.Request.Name + ModelExtension;
            Save(mlContext, found.Model, run.Plan, folder[modelFile]);
            WriteHistory(config.BeginHistory(), run, found, modelFile);
            config.Write(folder[configFile]);
            var result = new RunResult(run, found, evaluation, folder.Target, Stopwatch.GetElapsedTime(start));
            foreach (var writer in s_writers) writer.Write(mlContext, result, config, folder);
            folder.Commit();
            return result;
        }
        catch
        {
            // A run that has trials can be resumed.
            if (!watch.HasTrials) folder.Discard();
            throw;
        }
    }

    // A forecaster with the last rows of each series, so that it forecasts at once.
    private static void Save(MLContext mlContext, ITransformer model, ScenarioPlan plan, string path)
    {
        if (plan.Scenario.ConfigName == ConfigScenario.Forecasting) ProjectWriter.SaveModel(mlContext, model, PlanModel.AllRows(mlContext, plan), path);
        else mlContext.Model.SaveAtomically(model, InputSchema(plan), path);
    }

    // Without the columns that no step reads, which rows to predict need not have.
    private static DataViewSchema InputSchema(ScenarioPlan plan)
    {
        var rows = plan.Train.Schema;
        if (!plan.Preparation.IsEmpty) return rows;
        var builder = new DataViewSchema.Builder();
        foreach (var column in rows.Where(column => plan.Inputs.Contains(column.Name))) builder.AddColumn(column.Name, column.Type, column.Annotations);
        return builder.ToSchema();
    }

    private static void WriteHistory(RunHistory history, PreparedRun run, SearchOutcome found, string modelFile)
    {
        var (trainer, metric) = (run.Plan.Pipeline.Trainer.Code.Split('.')[^1], run.Plan.Metric);
        history.MetricName = metric.Name;
        history.ModelPath = modelFile;
        var best = found.Trials.OrderBy(trial => trial.Metric is not { } value ? double.PositiveInfinity : metric.HigherIsBetter ? -value : value);
        history.Trials = [.. best.Take(MostTrials).Select(trial => new ConfigTrial(trainer, trial.Metric ?? double.NaN, trial.Elapsed.TotalSeconds)
        {
            Parameters = trial.Trial.Parameters,
        })];
    }

    // As many as Model Builder keeps.
    private const int MostTrials = 5;

    /// <summary>Sees whether there are trials that are worth to be kept.</summary>
    private sealed class Watch(IProgress<RunProgress>? progress) : IProgress<RunProgress>
    {
        public bool HasTrials { get; set; }

        public void Report(RunProgress value)
        {
            HasTrials |= value.Search is { Finished.IsEmpty: false };
            progress?.Report(value);
        }
    }
}
