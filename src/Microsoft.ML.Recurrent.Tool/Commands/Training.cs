using Microsoft.ML.Recurrent.Tool.Output;
using Microsoft.ML.Recurrent.Workbench.Runs;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Commands;

/// <summary>What all commands that train do: ask what is in doubt, show the plan, run it, show the result.</summary>
internal static class Training
{
    public static async Task<int> RunAsync(CommandRun run, RunArguments arguments, RunRequest request, CancellationToken cancellation)
    {
        var output = run.Get(arguments.Output) ?? request.Name;
        var (isPlan, isForced) = (run.Get(arguments.Plan), run.Get(arguments.Force));
        if (!isPlan && !isForced) CheckOutput(run, output);
        return await RunAsync(run, request, output, isPlan, keepsTrials: false, cancellation);
    }

    public static async Task<int> RunAsync(CommandRun run, RunRequest request, string output, bool isPlan, bool keepsTrials, CancellationToken cancellation)
    {
        var mlContext = new MLContext(request.Seed);
        run.Log.Attach(mlContext);
        var prepared = await Task.Run(() => Prepare(run, mlContext, request, cancellation), cancellation);
        foreach (var warning in prepared.Warnings) run.Log.Write(Verbosity.Minimal, $"Warning: {warning}");
        if (isPlan)
        {
            var estimate = await Task.Run(() => TimeEstimate.Measure(mlContext, prepared.Plan, cancellation), cancellation);
            return run.Finish(() => PlanView.ToJson(prepared, estimate), console => PlanView.Write(console, prepared, estimate));
        }
        PlanView.WriteBriefly(run.Progress, prepared);
        RunResult result;
        try
        {
            result = await SearchView.RunAsync(run.Progress, prepared,
                progress => ScenarioRun.Execute(mlContext, prepared, output, keepsTrials, progress, cancellation));
        }
        catch when (RunFolder.FindInterrupted(output) is not null)
        {
            run.Log.Write(Verbosity.Quiet, $"The trials so far are kept: 'mlrecurrent resume {output}' goes on with them.");
            throw;
        }
        run.Finish(() => RunView.ToJson(result), console => RunView.Write(console, result));
        return result.Search.WasCancelled ? ExitCode.Cancelled : ExitCode.Success;
    }

    private static void CheckOutput(CommandRun run, string output)
    {
        if (RunFolder.IsOccupied(output))
            run.Confirm($"The folder '{output}' is not empty. Write into it",
                $"The folder '{output}' is not empty: name another by --output, or write into it by --force.");
        if (RunFolder.FindInterrupted(output) is { } interrupted)
            run.Confirm($"'{interrupted}' holds an interrupted run. Begin anew",
                $"'{interrupted}' holds an interrupted run: 'mlrecurrent resume {output}' goes on with it, --force begins anew.");
    }

    // A doubt that is answered changes how the files are read.
    private static PreparedRun Prepare(CommandRun run, MLContext mlContext, RunRequest request, CancellationToken cancellation)
    {
        while (true)
        {
            var tables = RunTables.Open(mlContext, request, cancellation);
            string[] ignored = [.. request.IgnoredColumns.SelectMany(names => tables.Training.Find(names))];
            if (tables.FindDoubts(ignored, request).FirstOrDefault() is not { } doubt)
            {
                var prepared = PreparedRun.Create(mlContext, request, tables, cancellation);
                prepared.Check();
                return prepared;
            }
            if (!run.Terminal.IsInteractive || run.IsJson) throw new DoubtException(doubt.Refusal);
            request = Ask(run.Console, doubt).Apply(request);
        }
    }

    // By number: not all terminals move a cursor.
    private static DoubtAnswer Ask(IAnsiConsole console, TableDoubt doubt)
    {
        console.WriteLine(doubt.Question);
        for (var i = 0; i < doubt.Answers.Length; i++) console.WriteLine($"  {i + 1}) {doubt.Answers[i].Text}");
        return doubt.Answers[console.Prompt(new TextPrompt<int>("Number:").AddChoices(Enumerable.Range(1, doubt.Answers.Length))) - 1];
    }
}
