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
        var command = new ToolCommand("resume", "Goes on with a run that was interrupted: its finished trials are not trained again.", "resume out") { folder };
        command.Run(terminal, (run, cancellation) =>
        {
            var target = run.Arguments.GetRequiredValue(folder);
            var work = RunFolder.Reopen(target);
            var request = RunConfig.Read(TrainedModel.FindIn(work, TrainingConfig.FileExtension), Path.GetFullPath(target));
            return Training.RunAsync(run, request, target, isPlan: false, keepsTrials: true, cancellation);
        });
        return command;
    }
}
