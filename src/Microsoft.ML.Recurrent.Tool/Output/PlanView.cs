using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Runs;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Output;

/// <summary>Shows what a run would train.</summary>
internal static class PlanView
{
    public static object ToJson(PreparedRun run, TimeEstimate estimate) => new
    {
        scenario = run.Plan.Scenario.Name,
        file = run.Tables.Training.Path,
        columns = run.Plan.Columns,
        run.Plan.Notes,
        run.Warnings,
        metric = run.Plan.Metric,
        trainer = run.Plan.Pipeline.Trainer.Code,
        secondsPerEpoch = estimate.Epoch.TotalSeconds,
        estimate.MaximumNumberOfEpochs,
        trainTime = run.Request.EffectiveTrainTime?.TotalSeconds,
        maxTrials = run.Request.MaximumNumberOfTrials,
        estimate = estimate.Describe(run.Request),
    };

    public static void Write(IAnsiConsole console, PreparedRun run, TimeEstimate estimate)
    {
        WriteBriefly(console, run);
        console.Write(TextTable.Create(["Column", "Role", "Why"],
            run.Plan.Columns.Select(static column => (string[])[column.Name, column.Role.ToString(), column.Reason])));
        console.WriteLine($"Trainer: {run.Plan.Pipeline.Trainer.Code}; trials are compared by {run.Plan.Metric.Name}.");
        console.WriteLine(estimate.Describe(run.Request));
    }

    /// <summary>Writes the file and what was chosen.</summary>
    public static void WriteBriefly(IAnsiConsole console, PreparedRun run)
    {
        var table = run.Tables.Training;
        console.WriteLine(table.Profile is { } profile
            ? string.Create(CultureInfo.InvariantCulture, $"{table.Path}: {profile.Rows} rows, {profile.Columns.Length} columns")
            : table.Path);
        foreach (var note in run.Plan.Notes) console.WriteLine($"- {note}");
    }
}
