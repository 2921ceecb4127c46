using System.CommandLine;
using Microsoft.ML.Recurrent.Workbench.Configuration;
using Microsoft.ML.Recurrent.Workbench.Runs;

namespace Microsoft.ML.Recurrent.Tool.Commands;

using Command = System.CommandLine.Command; // Microsoft.ML.Command is a namespace

/// <summary><c>mlrecurrent resume</c></summary>
internal static class ResumeCommand
{
    public static Command Build(Terminals terminal)
    {
        var folder = new Argument<string>("folder") { Description = "The output folder of a run that was interrupted." };
        var time = new Option<double?>("--train-time")
        {
            Description = "Seconds of the whole search, those before the interruption included. Default: as the run was begun.",
            HelpName = "seconds",
        };
        time.Validators.Add(static result => RunArguments.CheckPositive(result, "--train-time"));
        var command = new ToolCommand("resume", "Goes on with a run that was interrupted: its finished trials are not trained again.", "resume out",
            "resume out --train-time 600")
        {
            folder, time,
        };
        command.Run(terminal, (run, cancellation) =>
        {
            var target = run.Arguments.GetRequiredValue(folder);
            var work = RunFolder.Reopen(target);
            var config = TrainedModel.FindIn(work, TrainingConfig.FileExtension);
            var request = RunConfig.Read(config, Path.GetFullPath(target));
            request = request with
            {
                UsedTime = request.UsedTime + RunFolder.TimeSince(config),
                TrainTime = run.Get(time) is { } seconds ? TimeSpan.FromSeconds(seconds) : request.TrainTime,
            };
            return Training.RunAsync(run, request, target, isPlan: false, keepsTrials: true, cancellation);
        });
        return command;
    }
}
