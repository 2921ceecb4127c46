using System.CommandLine;
using Microsoft.ML.Recurrent.Tool.Output;
using Microsoft.ML.Recurrent.Workbench.Runs;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Commands;

using Command = System.CommandLine.Command; // Microsoft.ML.Command is a namespace

/// <summary><c>mlrecurrent predict</c></summary>
internal static class PredictCommand
{
    public static Command Build(Terminals terminal)
    {
        var model = new Argument<string>("model") { Description = "A model, with its .mbconfig beside it, or the folder of its run." };
        var dataset = new Option<string>("--dataset")
        {
            Description =
                "The rows, as the training rows were, the label may be missing; of a forecaster, the rows up to the time of the forecast. Default: -, "
                + "which is standard input.",
            HelpName = "file",
            DefaultValueFactory = static _ => StandardInput.Name,
        };
        var output = new Option<string>("--output", "-o")
        {
            Description = "A CSV file. Default: -, which is standard output.",
            HelpName = "file",
            DefaultValueFactory = static _ => StandardInput.Name,
        };
        var force = new Option<bool>("--force") { Description = "Replaces an existing file." };
        var command = new ToolCommand("predict", "Predicts for the rows of a table, and writes CSV.",
            "predict out --dataset new.csv --output predictions.csv", "predict out/sales.mlnet < new.csv > predictions.csv")
        {
            model, dataset, output, force,
        };
        command.Run(terminal, (run, cancellation) => Task.Run(() =>
        {
            var target = run.Get(output)!;
            if (target != StandardInput.Name && File.Exists(target) && !run.Get(force))
                run.Confirm($"'{target}' exists. Replace it", $"'{target}' exists: --force replaces it.");
            var mlContext = new MLContext();
            run.Log.Attach(mlContext);
            using var trained = TrainedModel.Load(mlContext, run.Arguments.GetRequiredValue(model));
            using var input = StandardInput.Open(run.Get(dataset)!);
            return Write(run, trained.Predict(mlContext, input.Path, cancellation), target, cancellation);
        }, cancellation));
        return command;
    }

    private static int Write(CommandRun run, Predictions predictions, string target, CancellationToken cancellation)
    {
        if (target == StandardInput.Name)
        {
            if (run.IsJson) JsonOutput.Write(run.Console, new { predictions.Columns, predictions.Rows });
            else CsvOutput.Write(run.Console.Profile.Out.Writer, predictions, cancellation);
            return ExitCode.Success;
        }
        var rows = CsvOutput.WriteFile(target, predictions, cancellation);
        return run.Finish(() => new { file = Path.GetFullPath(target), rows, predictions.Columns },
            console => console.WriteLine($"Written to {target}: {rows} rows."));
    }
}
