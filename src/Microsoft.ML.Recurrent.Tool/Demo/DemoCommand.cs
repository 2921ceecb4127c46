using System.CommandLine;
using Microsoft.ML.Recurrent.Tool.Commands;

namespace Microsoft.ML.Recurrent.Tool.Demo;

using Command = System.CommandLine.Command; // Microsoft.ML.Command is a namespace

/// <summary><c>mlrecurrent demo</c></summary>
internal static class DemoCommand
{
    public static Command Build(Terminals terminal)
    {
        var output = new Option<DirectoryInfo>("--output", "-o")
        {
            Description = "Output folder; created if needed.",
            HelpName = "folder",
            DefaultValueFactory = _ => new("demo-output"),
        };
        var epochs = new Option<int>("--epochs")
        {
            Description = "Maximum number of epochs.", HelpName = "count",
            DefaultValueFactory = _ => DemoForecaster.DefaultEpochs
        };
        var patience = new Option<int>("--patience")
        {
            Description = "Early-stopping patience: epochs without a better validation loss.", HelpName = "count",
            DefaultValueFactory = _ => DemoForecaster.DefaultPatience
        };
        var seed = new Option<int>("--seed")
        {
            Description = "Seed of weight initialization and shuffling.", HelpName = "number",
            DefaultValueFactory = _ => 1
        };
        foreach (var count in (Option<int>[])[epochs, patience])
            count.Validators.Add(result =>
            {
                if (result.Tokens is [var token] && int.TryParse(token.Value, out var value) && value < 1)
                    result.AddError($"{count.Name} is {value}; it must be at least 1.");
            });

        var command = new ToolCommand("demo",
            "Trains an LSTM on 120 months of airline passengers, forecasts the following 24 months, compares the forecast with baselines, " +
            "and writes the model, its ONNX graph, a page and an image.", "demo", "demo --epochs 20 --seed 2 --output airline")
        {
            output, epochs, patience, seed,
        };
        command.Run(terminal, (run, cancellation) => DemoRun.RunAsync(run,
            new(run.Arguments.GetRequiredValue(output), run.Get(epochs), run.Get(patience), run.Get(seed)), cancellation));
        return command;
    }
}
