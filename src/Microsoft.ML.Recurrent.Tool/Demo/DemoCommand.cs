using System.CommandLine;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Demo;

using Command = System.CommandLine.Command; // Microsoft.ML.Command is a namespace

/// <summary><c>mlrecurrent demo</c></summary>
internal static class DemoCommand
{
    public static Command Build(IAnsiConsole console)
    {
        var output = new Option<DirectoryInfo>("--output", "-o")
        {
            Description = "Folder of the files that it writes; made where it is not there.",
            HelpName = "folder",
            DefaultValueFactory = _ => new("demo-output"),
        };
        var epochs = new Option<int>("--epochs") { Description = "Epochs at the most.", HelpName = "count",
            DefaultValueFactory = _ => DemoForecaster.DefaultEpochs };
        var patience = new Option<int>("--patience") { Description = "Epochs without a better validation loss after which training stops.", HelpName = "count",
            DefaultValueFactory = _ => DemoForecaster.DefaultPatience };
        var seed = new Option<int>("--seed") { Description = "Seed of the weights and of the order of the examples.", HelpName = "number",
            DefaultValueFactory = _ => 1 };
        foreach (Option<int> count in (Option<int>[])[epochs, patience])
            count.Validators.Add(result =>
            {
                if (result.Tokens is [var token] && int.TryParse(token.Value, out int value) && value < 1)
                    result.AddError($"{count.Name} is {value}; it has to be 1 or more.");
            });

        var command = new Command("demo",
            "Trains an LSTM on 120 months of airline passengers, forecasts the 24 months after them, compares the forecast with baselines, " +
            "and writes the model, its ONNX graph, a page and a picture.")
        {
            output, epochs, patience, seed,
        };
        command.SetAction((arguments, cancellation) => DemoRun.RunAsync(console,
            new(arguments.GetRequiredValue(output), arguments.GetValue(epochs), arguments.GetValue(patience), arguments.GetValue(seed)), cancellation));
        return command;
    }
}
