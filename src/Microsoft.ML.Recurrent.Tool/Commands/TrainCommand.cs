using System.CommandLine;
using Microsoft.ML.Recurrent.Workbench.Runs;

namespace Microsoft.ML.Recurrent.Tool.Commands;

using Command = System.CommandLine.Command; // Microsoft.ML.Command is a namespace

/// <summary><c>mlrecurrent train</c></summary>
internal static class TrainCommand
{
    public static Command Build(Terminals terminal)
    {
        var config = new Option<string>("--training-config")
        {
            Description = "A training configuration (.mbconfig), of this tool or of Model Builder.",
            HelpName = "file",
            Required = true,
        };
        var arguments = new RunArguments();
        var command = new ToolCommand("train", "Trains what a training configuration describes.",
            "train --training-config sales.mbconfig --output out", "train --training-config sales.mbconfig --train-time 600 --plan")
        {
            config,
        };
        arguments.AddTo(command);
        command.Run(terminal, (run, cancellation) =>
        {
            var path = run.Arguments.GetRequiredValue(config);
            if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{path}'.", path);
            return Training.RunAsync(run, arguments, Override(RunConfig.Read(path), run, arguments), cancellation);
        });
        return command;
    }

    /// <summary>What options say instead of a configuration.</summary>
    private static RunRequest Override(RunRequest request, CommandRun run, RunArguments arguments) => request with
    {
        Name = run.Get(arguments.Name) ?? request.Name,
        Project = arguments.ProjectOf(run) ?? request.Project,
        Seed = run.Get(arguments.Seed) ?? request.Seed,
        TrainTime = run.Get(arguments.TrainTime) is { } seconds ? TimeSpan.FromSeconds(seconds) : request.TrainTime,
        MaximumNumberOfTrials = run.Get(arguments.Trials) ?? request.MaximumNumberOfTrials,
    };
}
