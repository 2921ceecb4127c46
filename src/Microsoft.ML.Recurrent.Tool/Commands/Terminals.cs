using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Commands;

/// <summary>Where the tool writes and asks.</summary>
/// <param name="Console">Results and progress; questions where it is interactive.</param>
/// <param name="Error">Errors and warnings.</param>
internal sealed record Terminals(IAnsiConsole Console, TextWriter Error)
{
    /// <summary>Whether somebody is there to answer.</summary>
    public bool IsInteractive => Console.Profile.Capabilities.Interactive;
}
