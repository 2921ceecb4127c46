namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>An option of a scenario.</summary>
/// <param name="Name">Its name in command lines, with two dashes.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Description">What it means, in one sentence.</param>
public sealed record ScenarioOption(string Name, ScenarioOptionKind Kind, string Description)
{
    /// <summary>Whether it has to be given.</summary>
    public bool IsRequired { get; init; }
}
