using System.Collections.Immutable;
using System.CommandLine;

namespace Microsoft.ML.Recurrent.Tool.Commands;

using Command = System.CommandLine.Command; // Microsoft.ML.Command is a namespace

/// <summary>A command with examples, which stand at the end of its help.</summary>
internal sealed class ToolCommand : Command
{
    public ToolCommand(string name, string description, params ImmutableArray<string> examples)
        : base(name, description)
    {
        Examples = examples;
        foreach (var option in CommonOptions.All) Options.Add(option);
    }

    /// <summary>Command lines without the name of the tool.</summary>
    public ImmutableArray<string> Examples { get; }

    /// <summary>Sets what the command does, with the output and the log that the common options ask for.</summary>
    /// <param name="terminal">Where the tool writes and asks.</param>
    /// <param name="run">What it does; the result is one of <see cref="ExitCode"/>.</param>
    public void Run(Terminals terminal, Func<CommandRun, CancellationToken, Task<int>> run) => SetAction(async (arguments, cancellation) =>
    {
        using var log = CommonOptions.OpenLog(arguments, terminal);
        return await run(new(arguments, terminal, log), cancellation);
    });
}
