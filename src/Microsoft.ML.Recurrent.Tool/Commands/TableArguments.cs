using System.CommandLine;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Tool.Commands;

using Command = System.CommandLine.Command; // Microsoft.ML.Command is a namespace

/// <summary>Options that say how a table is written, where the tool should not find it out.</summary>
internal sealed class TableArguments
{
    private readonly Option<bool?> _hasHeader = new("--has-header")
    {
        Description = "Whether the first line of a text file has the names of the columns. Default: found from the file.",
        HelpName = "true|false",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?> _separator = new("--separator")
    {
        Description = "The separator of columns: one character, or tab. Default: found from the file.",
        HelpName = "character",
    };
    private readonly Option<string?> _decimalMarker = new("--decimal-marker")
    {
        Description = "The decimal marker of numbers: . or ,. Default: found from the file.",
        HelpName = "character",
    };
    private readonly Option<bool?> _dayFirst = new("--day-first")
    {
        Description = "Whether 10/03/2024 is the 10th of March. Default: found from the rows; needed where all of them can be read in both ways.",
        HelpName = "true|false",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public TableArguments(Command command)
    {
        foreach (var text in (Option<string?>[])[_separator, _decimalMarker])
            text.Validators.Add(result =>
            {
                if (result.Tokens is [var token] && token.Value is not ("tab" or "\\t") && token.Value.Length != 1)
                    result.AddError($"{text.Name} is '{token.Value}'; it must be one character.");
                else if (text == _decimalMarker && result.Tokens is [{ Value: not ("." or ",") } marker])
                    result.AddError($"{text.Name} is '{marker.Value}'; it must be . or ,.");
            });
        foreach (var option in (Option[])[_hasHeader, _separator, _decimalMarker, _dayFirst]) command.Options.Add(option);
    }

    /// <summary>How the table is written, as far as the options say it.</summary>
    public TableOptions Read(CommandRun run) => new()
    {
        HasHeader = run.Get(_hasHeader),
        Separator = run.Get(_separator) is { } separator ? separator is "tab" or "\\t" ? '\t' : separator[0] : null,
        DecimalMarker = run.Get(_decimalMarker)?[0],
    };

    /// <summary>Whether the day comes first in dates that can be read in both ways; null where no option says it.</summary>
    public bool? DayFirst(CommandRun run) => run.Get(_dayFirst);
}
