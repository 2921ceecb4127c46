using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Scenarios;

namespace Microsoft.ML.Recurrent.Workbench.Reports.Runs;

/// <summary>Makes the report of a run from its plan, its trials and the evaluation of its model.</summary>
public static class PlanReport
{
    private const int MostPoints = 400;

    /// <summary>Makes a report.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="name">The name of the model.</param>
    /// <param name="model">The trained model.</param>
    /// <param name="trials">The trials.</param>
    /// <param name="best">The trial whose options the model has; null if nothing was searched.</param>
    /// <param name="evaluation">The figures on the test rows; null where none are held out.</param>
    /// <param name="options">The options, as code.</param>
    /// <param name="command">The command line that repeats the run.</param>
    public static RunReport Create(ScenarioPlan plan, string name, RecurrentModel model, IEnumerable<TrialResult> trials, TrialResult? best,
        ScenarioEvaluation? evaluation, string options = "", string command = "")
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(trials);
        var training = plan.Request.Training;
        var report = new RunReport
        {
            Title = $"{name}: {plan.Scenario.Name}",
            Introduction = Say(
                $"{plan.Scenario.Summary} Data: {Path.GetFileName(training.Path)}{(training.Profile is { } profile ? Say($", {profile.Rows:N0} rows") : "")}."),
            Columns = [.. plan.Columns.Where(use => training.Profile?.Columns.Any(column => column.Name == use.Name) is true)
                .Select(use => new ReportColumn(training.Profile!.Columns.First(column => column.Name == use.Name), use.Role.ToString().ToLowerInvariant(),
                    use.Reason))],
            Series = Series(plan),
            Notes = plan.Notes,
            TrialMetric = plan.Metric.Name,
            HigherIsBetter = plan.Metric.HigherIsBetter,
            Trials = [.. trials.Select(trial => new ReportTrial(trial.Trial.Number, trial.Metric ?? double.NaN, trial.Elapsed, Describe(trial),
                string.Join(", ", trial.Trial.Parameters.Select(static one => $"{one.Key} = {one.Value}")))
            {
                IsComplete = trial.State is TrialState.Completed, IsChosen = trial.Trial.Number == best?.Trial.Number, Losses = trial.Curve,
            })],
            History = model.History,
            Unit = string.Join(", ", plan.Columns.Where(static use => use.Role is ColumnRole.Label).Select(static use => use.Name)),
            ModelSummary = model.Summary(),
            Options = options,
            Command = command,
            Environment = Environments(model, best),
        };
        return evaluation is null ? report : Add(report, evaluation);
    }

    /// <summary>What the figures of an evaluation say in one sentence.</summary>
    /// <param name="evaluation">The evaluation.</param>
    public static string Verdict(ScenarioEvaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var metric = evaluation.Metrics[0].Name;
        if (evaluation.BetterBaseline is { } better)
        {
            return Say($"A baseline is better: {better.Name} has {metric} {better.Values[0]:G4}, the model {evaluation.Model.Values[0]:G4}. ")
                + "Prefer the baseline, or give more data or more time.";
        }
        return evaluation.Lines.Any(static line => line.IsBaseline) ? $"By {metric}, the model is at least as good as all baselines." : "";
    }

    private static RunReport Add(RunReport report, ScenarioEvaluation evaluation) => report with
    {
        Verdict = Verdict(evaluation),
        Metrics = [.. evaluation.Metrics.Select(static metric => metric.Name)],
        HigherIsBetter = evaluation.Metrics[0].HigherIsBetter,
        Lines = [.. evaluation.Lines.Select(static line => new ReportLine(line.Name, line.IsBaseline, line.Values))],
        BackTest = evaluation.BackTest,
        Classes = evaluation.Classes?.Classes ?? [],
        Confusion = evaluation.Classes?.Counts ?? [],
        Entities = evaluation.Tags is { } tags ? [.. tags.Entities is { } all ? new[] { all } : [], .. tags.EntitiesByType] : [],
        Points = [.. evaluation.Points.Take(MostPoints)],
    };

    private static ImmutableArray<SeriesProfile> Series(ScenarioPlan plan)
    {
        var time = plan.Columns.FirstOrDefault(static use => use.Role is ColumnRole.Time);
        var rows = plan.Request.Training.View;
        // Numbers that order the rows have no calendar.
        if (time is null || rows.Schema.GetColumnOrNull(time.Name) is not { Type: DateTimeDataViewType }) return [];
        return SeriesProfile.Read(rows, time.Name, [.. plan.Columns.Where(static use => use.Role is ColumnRole.Series).Select(static use => use.Name)]);
    }

    private static string Describe(TrialResult trial) => trial.State switch
    {
        TrialState.Completed => Say($"completed, {trial.Epochs} epochs"),
        TrialState.EndedEarly => Say($"ended early after {trial.Epochs} epochs"),
        TrialState.TimeOver => Say($"time over after {trial.Epochs} epochs"),
        TrialState.Failed => "failed" + (trial.Reason is { } reason ? ": " + reason : ""),
        TrialState.Running => "interrupted",
    };

    private static ImmutableArray<(string Name, string Value)> Environments(RecurrentModel model, TrialResult? best) =>
    [
        ("Microsoft.ML.Recurrent", typeof(RecurrentModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? "unknown"),
        ("Runtime", RuntimeInformation.FrameworkDescription), ("System", RuntimeInformation.OSDescription),
        ("Processors", Say($"{Environment.ProcessorCount} x {RuntimeInformation.ProcessArchitecture}")),
        .. best is null ? Array.Empty<(string, string)>() : [("Chosen trial", Say($"{best.Trial.Number}, seed {best.Trial.Seed}"))],
        ("SHA-256 of the weights", model.WeightsSha256),
        ("Time of the report", DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
    ];

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
