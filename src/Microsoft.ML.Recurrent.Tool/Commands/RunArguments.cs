using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Runs;

namespace Microsoft.ML.Recurrent.Tool.Commands;

using Command = System.CommandLine.Command; // Microsoft.ML.Command is a namespace

/// <summary>Options of all commands that train.</summary>
internal sealed class RunArguments
{
    private static readonly Dictionary<string, ProjectKind> s_projects = new()
    {
        ["console"] = ProjectKind.Console,
        ["web-api"] = ProjectKind.WebApi,
        ["none"] = ProjectKind.None,
    };

    public Option<string?> Output { get; } = new("--output", "-o")
    {
        Description = "The folder of the model, its configuration, code and report. Default: one with the name of the model.",
        HelpName = "folder",
    };

    public Option<string?> Name { get; } = new("--name")
    {
        Description = "The name of the model, its files and the generated code: letters, digits and underscores. Default: made from the file's.",
        HelpName = "name",
    };

    public Option<double?> TrainTime { get; } = new("--train-time")
    {
        Description = "Seconds of the search. Default: 60, or no limit with --max-trials.",
        HelpName = "seconds",
    };

    public Option<int?> Trials { get; } = new("--max-trials") { Description = "The most trials. Default: as many as the time allows.", HelpName = "count" };

    public Option<int?> Seed { get; } = new("--seed") { Description = "The seed of training, search and random parts. Default: 1.", HelpName = "number" };

    public Option<string?> Project { get; } = new("--project")
    {
        Description = "The code around the model: console (default), web-api or none.",
        HelpName = "kind"
    };

    public Option<bool> Plan { get; } = new("--plan") { Description = "Prints the plan and the estimated time, and trains nothing." };

    public Option<bool> Force { get; } = new("--force")
    {
        Description = "Writes into a folder that is not empty, and begins an interrupted run anew. Files of other names stay.",
    };

    public void AddTo(Command command)
    {
        Name.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var name }]
                && (name.Length == 0 || char.IsDigit(name[0]) || !name.All(static one => char.IsLetterOrDigit(one) || one == '_')))
                result.AddError($"--name is '{name}'; it must be letters, digits and underscores, and begin with no digit.");
        });
        Project.AcceptOnlyFromAmong([.. s_projects.Keys]);
        TrainTime.Validators.Add(static result => CheckPositive(result, "--train-time"));
        Trials.Validators.Add(static result => CheckPositive(result, "--max-trials"));
        foreach (var option in (Option[])[Output, Name, TrainTime, Trials, Seed, Project, Plan, Force]) command.Options.Add(option);
    }

    /// <summary>The project that the options ask for; null where they do not.</summary>
    public ProjectKind? ProjectOf(CommandRun run) => run.Get(Project) is { } name ? s_projects[name] : null;

    /// <summary>Refuses what is not above zero.</summary>
    public static void CheckPositive(OptionResult result, string name)
    {
        if (result.Tokens is [var token] && double.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && !(value > 0))
            result.AddError($"{name} is {token.Value}; it must be more than 0.");
    }
}
