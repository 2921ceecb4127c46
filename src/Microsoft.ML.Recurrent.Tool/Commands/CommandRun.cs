using System.CommandLine;
using Microsoft.ML.Recurrent.Tool.Output;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Commands;

/// <summary>One run of a command: its arguments, and where it writes.</summary>
/// <param name="Arguments">The arguments.</param>
/// <param name="Terminal">Where the tool writes and asks.</param>
/// <param name="Log">The log.</param>
internal sealed record CommandRun(ParseResult Arguments, Terminals Terminal, RunLog Log)
{
    /// <summary>Whether the result is one JSON document.</summary>
    public bool IsJson => Arguments.GetValue(CommonOptions.Json);

    /// <summary>Where results are written.</summary>
    public IAnsiConsole Console => Terminal.Console;

    /// <summary>Where progress is written: nowhere where the result alone is asked for.</summary>
    public IAnsiConsole Progress => IsJson || Log.Verbosity is Verbosity.Quiet ? Output.Terminal.Plain(TextWriter.Null) : Console;

    /// <summary>The value of an option; null where it is absent.</summary>
    public T? Get<T>(Option<T> option) => Arguments.GetValue(option);

    /// <summary>Writes the result: as JSON, or for people.</summary>
    /// <param name="document">The result as an object, made only where it is asked for.</param>
    /// <param name="write">Writes it for people.</param>
    public int Finish(Func<object> document, Action<IAnsiConsole> write)
    {
        if (IsJson) JsonOutput.Write(Console, document());
        else write(Console);
        return ExitCode.Success;
    }

    /// <summary>Asks whether to go on.</summary>
    /// <param name="question">The question, without its mark.</param>
    /// <param name="refusal">The error where nobody can be asked: it names the option that settles it.</param>
    /// <exception cref="DoubtException">Nobody can be asked, or the answer was no.</exception>
    public void Confirm(string question, string refusal)
    {
        if (!Terminal.IsInteractive || IsJson) throw new DoubtException(refusal);
        if (!Console.Confirm(Markup.Escape(question) + "?", defaultValue: false)) throw new DoubtException("Stopped.");
    }
}
