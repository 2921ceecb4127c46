using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Microsoft.ML.Recurrent.Tool.Commands;

/// <summary>The help of System.CommandLine with the examples of the command below it.</summary>
internal sealed class ExamplesHelp(HelpAction help, IReadOnlyList<string> ofRoot) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    /// <summary>Adds the examples to the help of a command line.</summary>
    public static void AddTo(RootCommand root, params string[] examples)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new ExamplesHelp((HelpAction)option.Action!, examples);
    }

    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in parseResult.CommandResult.Command is ToolCommand command ? command.Examples : ofRoot)
            output.WriteLine($"  mlrecurrent {example}");
        return ExitCode.Success;
    }
}
