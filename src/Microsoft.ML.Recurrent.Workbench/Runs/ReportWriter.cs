using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration;
using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Microsoft.ML.Recurrent.Workbench.Reports.Runs;
using Microsoft.ML.Recurrent.Workbench.Scenarios;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>Writes the report of a run: one HTML page.</summary>
internal sealed class ReportWriter : IRunWriter
{
    /// <summary>The file of the report.</summary>
    public const string FileName = "report.html";

    public void Write(MLContext mlContext, RunResult result, TrainingConfig config, RunFolder folder)
    {
        var page = RunPage.RenderAsync(Describe(result, folder)).GetAwaiter().GetResult();
        PageRenderer.WriteAsync(folder[FileName], page).GetAwaiter().GetResult();
    }

    private static RunReport Describe(RunResult result, RunFolder folder)
    {
        var (request, plan, search, evaluation) = (result.Run.Request, result.Run.Plan, result.Search, result.Evaluation);
        var model = search.Model.Steps().OfType<RecurrentTransformer>().LastOrDefault()?.Model;
        return new()
        {
            Title = $"{request.Name}: {plan.Scenario.Name}",
            Introduction = $"{plan.Scenario.Summary} Trained on {Path.GetFileName(request.Dataset)}.",
            Verdict = evaluation is null ? "No rows were held out, so there is no figure on rows that no trial saw." : EvaluationAdvice.Write(evaluation),
            Columns = Columns(plan),
            Series = Series(plan),
            Notes = [.. plan.Notes, .. result.Run.Warnings],
            TrialMetric = plan.Metric.Name,
            HigherIsBetter = plan.Metric.HigherIsBetter,
            Trials = [.. search.Trials.Select(trial => Describe(trial, search.Best))],
            History = model?.History,
            Metrics = [.. evaluation?.Metrics.Select(static metric => metric.Name) ?? []],
            Lines = [.. evaluation?.Lines.Select(static line => new ReportLine(line.Name, line.IsBaseline, line.Values)) ?? []],
            BackTest = evaluation?.BackTest,
            Unit = request.Values.GetValueOrDefault(Scenario.LabelOption, ""),
            Classes = evaluation?.Classes is { } classes ? classes.Classes : [],
            Confusion = evaluation?.Classes is { } counts ? counts.Counts : [],
            Entities = evaluation?.Tags?.EntitiesByType ?? [],
            Points = evaluation?.Points ?? [],
            ModelSummary = model?.Summary() ?? "",
            Options = OptionsCode.Write(search.Options),
            Command = RunCommand.Write(request, result.Folder),
            Environment = Environment(request, result),
            Files = [.. Directory.EnumerateFiles(folder.Work).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal).Select(PurposeOf)],
        };
    }

    private static ImmutableArray<ReportColumn> Columns(ScenarioPlan plan)
    {
        var uses = plan.Columns.ToDictionary(static column => column.Name);
        return [.. (plan.Request.Training.Profile?.Columns ?? []).Where(column => uses.ContainsKey(column.Name))
            .Select(column => new ReportColumn(column, uses[column.Name].Role.ToString(), uses[column.Name].Reason))];
    }

    private static ImmutableArray<SeriesProfile> Series(ScenarioPlan plan)
    {
        var time = plan.Columns.FirstOrDefault(static column => column.Role is ColumnRole.Time)?.Name;
        var view = plan.Request.Training.View;
        return time is null || view.Schema.GetColumnOrNull(time)?.Type is not Microsoft.ML.Data.DateTimeDataViewType ? []
            : SeriesProfile.Read(view, time, [.. plan.Columns.Where(static column => column.Role is ColumnRole.Series).Select(static column => column.Name)]);
    }

    private static ReportTrial Describe(RunTrial trial, RunTrial best) => new(trial.Number, trial.Metric, trial.Elapsed, trial.State switch
    {
        TrialState.Completed => "completed",
        TrialState.EndedEarly => "ended early",
        TrialState.TimeOver => "time over",
        TrialState.Failed => $"failed: {trial.Reason}",
        _ => "interrupted",
    }, string.Join(", ", trial.Parameters.Select(static one => $"{one.Key} = {one.Value}")))
    {
        IsComplete = trial.State is TrialState.Completed,
        IsChosen = trial.Number == best.Number,
        Losses = trial.Curve,
    };

    private static ImmutableArray<(string Name, string Value)> Environment(RunRequest request, RunResult result) =>
    [
        ("Version", typeof(RecurrentTransformer).Assembly.GetName().Version?.ToString(3) ?? ""),
        ("ML.NET", typeof(MLContext).Assembly.GetName().Version?.ToString(3) ?? ""),
        (".NET", RuntimeInformation.FrameworkDescription),
        ("System", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}"),
        ("Processors", System.Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)),
        ("Seed", request.Seed.ToString(CultureInfo.InvariantCulture)),
        ("Time", string.Create(CultureInfo.InvariantCulture, $"{result.Elapsed.TotalSeconds:0.0} s")),
    ];

    private static (string Name, string Purpose) PurposeOf(string file) => (file, Path.GetExtension(file) switch
    {
        ScenarioRun.ModelExtension => "the model: mlContext.Model.Load restores it",
        TrainingConfig.FileExtension => "the training configuration, which Model Builder opens where it knows the scenario",
        ".db" => "the trials, by which the run can be resumed",
        ".cs" or ".csproj" => "code that predicts, trains again and evaluates",
        _ => "",
    });
}
