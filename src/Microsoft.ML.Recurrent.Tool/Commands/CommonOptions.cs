using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.ML.Recurrent.Tool.Output;

namespace Microsoft.ML.Recurrent.Tool.Commands;

/// <summary>The options that all commands have.</summary>
internal static class CommonOptions
{
    private static readonly Dictionary<string, Verbosity> s_levels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["q"] = Commands.Verbosity.Quiet,
        ["quiet"] = Commands.Verbosity.Quiet,
        ["m"] = Commands.Verbosity.Minimal,
        ["minimal"] = Commands.Verbosity.Minimal,
        ["diag"] = Commands.Verbosity.Diagnostic,
        ["diagnostic"] = Commands.Verbosity.Diagnostic,
    };

    public static Option<bool> Json { get; } = new("--json") { Description = "Writes the result as one JSON document and asks nothing." };

    public static Option<FileInfo?> LogFile { get; } = new("--log-file-path")
    {
        Description = "A file to which all messages are written, with times.",
        HelpName = "file",
    };

    public static Option<Verbosity> Verbosity { get; } = CreateVerbosity();

    public static ImmutableArray<Option> All { get; } = [Json, LogFile, Verbosity];

    /// <summary>Opens the log that the options ask for.</summary>
    public static RunLog OpenLog(ParseResult arguments, Terminals terminal) =>
        new(terminal.Error, arguments.GetValue(Verbosity), arguments.GetValue(LogFile)?.FullName);

    private static Option<Verbosity> CreateVerbosity()
    {
        var option = new Option<Verbosity>("--verbosity", "-v")
        {
            Description = "How much is shown: q (the result alone), m (progress and warnings) or diag (all messages). Default: m; -v alone is diag.",
            HelpName = "q|m|diag",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = static result =>
            {
                if (result.Tokens is not [var token]) return Commands.Verbosity.Diagnostic;
                if (s_levels.TryGetValue(token.Value, out var level)) return level;
                result.AddError($"--verbosity is '{token.Value}'; it must be q, m or diag.");
                return default;
            },
        };
        option.CompletionSources.Add("q", "m", "diag");
        return option;
    }
}
