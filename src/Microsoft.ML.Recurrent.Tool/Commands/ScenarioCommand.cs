using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Runs;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Tool.Commands;

using Command = System.CommandLine.Command; // Microsoft.ML.Command is a namespace

/// <summary><c>mlrecurrent forecasting</c> and the others: one command a scenario, made from what it says of itself.</summary>
internal sealed class ScenarioCommand
{
    private readonly Scenario _scenario;
    private readonly RunArguments _run = new();
    private readonly TableArguments _table;
    private readonly Dictionary<string, Option<string?>> _own;
    private readonly Option<string> _dataset = new("--dataset")
    {
        Description = "The training rows: CSV, TSV, also with gzip; Parquet; Arrow; .ts, .arff, .conll and others.",
        HelpName = "file",
        Required = true,
    };
    private readonly Option<string?> _validation = new("--validation-dataset")
    {
        Description = "Rows by which trials are compared. Default: a part of the training rows.",
        HelpName = "file",
    };
    private readonly Option<string?> _test = new("--test-dataset")
    {
        Description = "Rows for the final figure, which no trial sees. Default: a part of the training rows.",
        HelpName = "file",
    };
    private readonly Option<double?> _testFraction = new("--test-fraction")
    {
        Description = "The fraction of the rows that is held out for the final figure. Default: 0.1.",
        HelpName = "fraction",
    };
    private readonly Option<double?> _validationFraction = new("--validation-fraction")
    {
        Description = "The fraction of the other rows by which trials are compared. Default: 0.1.",
        HelpName = "fraction",
    };
    private readonly Option<string?> _ignored = new("--ignore-cols")
    {
        Description = "Columns that are not used, with commas between them.",
        HelpName = "columns"
    };

    private ScenarioCommand(Scenario scenario, Terminals terminal)
    {
        _scenario = scenario;
        _own = scenario.Options.ToDictionary(static option => option.Name, Create);
        Command = new(scenario.Name, scenario.Summary,
            [.. scenario.Examples.Select(static example => example.Replace("mlrecurrent ", "", StringComparison.Ordinal))]);
        Command.Options.Add(_dataset);
        foreach (var option in scenario.Options) Command.Options.Add(_own[option.Name]);
        foreach (var option in (Option[])[_validation, _test, _testFraction, _validationFraction, _ignored]) Command.Options.Add(option);
        _testFraction.Validators.Add(static result => CheckFraction(result, "--test-fraction", true));
        _validationFraction.Validators.Add(static result => CheckFraction(result, "--validation-fraction", false));
        _table = new(Command);
        _run.AddTo(Command);
        Command.Run(terminal, (run, cancellation) => Training.RunAsync(run, _run, Read(run), cancellation));
    }

    private ToolCommand Command { get; }

    public static Command Build(Scenario scenario, Terminals terminal) => new ScenarioCommand(scenario, terminal).Command;

    private Option<string?> Create(ScenarioOption option)
    {
        var own = new Option<string?>(option.Name)
        {
            Description = option.Description,
            Required = option.IsRequired,
            HelpName = option.Kind switch
            {
                ScenarioOptionKind.Column => "column",
                ScenarioOptionKind.Columns => "columns",
                ScenarioOptionKind.Count => "count",
                ScenarioOptionKind.Number => "number",
                _ => "text",
            },
        };
        if (option.Kind is ScenarioOptionKind.Count or ScenarioOptionKind.Number)
            own.Validators.Add(result =>
            {
                if (result.Tokens is not [{ Value: var text }]) return;
                if (option.Kind is ScenarioOptionKind.Count
                    ? !int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
                    : !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
                    result.AddError($"{option.Name} is '{text}'; it must be a {(option.Kind is ScenarioOptionKind.Count ? "whole " : "")}number.");
            });
        if (option.Kind is ScenarioOptionKind.Column or ScenarioOptionKind.Columns)
            own.CompletionSources.Add(context => SuggestColumns(context.ParseResult.GetValue(_dataset)));
        return own;
    }

    // A shell wants suggestions, not errors.
    private static IEnumerable<string> SuggestColumns(string? dataset)
    {
        try
        {
            return dataset is null ? [] : TableSource.Open(dataset).Columns.Select(static column => column.Name);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void CheckFraction(OptionResult result, string name, bool mayBeNone)
    {
        if (result.Tokens is [var token] && double.TryParse(token.Value, CultureInfo.InvariantCulture, out var value)
            && !(value < 1 && (value > 0 || (mayBeNone && value == 0))))
            result.AddError($"{name} is {token.Value}; it must be {(mayBeNone ? "at least 0" : "more than 0")} and less than 1.");
    }

    private RunRequest Read(CommandRun run)
    {
        var dataset = run.Arguments.GetRequiredValue(_dataset);
        var values = _own.Select(pair => KeyValuePair.Create(pair.Key, run.Get(pair.Value))).Where(static pair => !string.IsNullOrEmpty(pair.Value));
        return new()
        {
            Scenario = _scenario,
            Dataset = dataset,
            ValidationDataset = run.Get(_validation),
            TestDataset = run.Get(_test),
            Table = _table.Read(run),
            DayFirst = _table.DayFirst(run),
            Values = values.ToDictionary(static pair => pair.Key, static pair => pair.Value!),
            IgnoredColumns = run.Get(_ignored) is { } ignored ? [ignored] : [],
            TestFraction = run.Get(_testFraction) ?? ScenarioRequest.DefaultTestFraction,
            ValidationFraction = run.Get(_validationFraction) ?? ScenarioRequest.DefaultValidationFraction,
            Seed = run.Get(_run.Seed) ?? 1,
            TrainTime = run.Get(_run.TrainTime) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            MaximumNumberOfTrials = run.Get(_run.Trials),
            Project = _run.ProjectOf(run) ?? ProjectKind.Console,
            Name = run.Get(_run.Name) ?? RunRequest.NameOf(dataset),
        };
    }
}
