using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>
/// A kind of problem: the options of its command, how the rows of a table become the rows of a trainer, the pipeline, the metric, and the evaluation.
/// </summary>
public abstract class Scenario
{
    /// <summary>The option that names the label column.</summary>
    public const string LabelOption = "--label-col";

    /// <summary>The option that names a class of the whole sentence, of taggers.</summary>
    public const string SentenceOption = "--sentence-label-col";

    private protected Scenario()
    {
    }

    /// <summary>The name: that of the command.</summary>
    public abstract string Name { get; }

    /// <summary>What it does, in one sentence.</summary>
    public abstract string Summary { get; }

    /// <summary>The name in configurations, see <see cref="Configuration.ConfigScenario"/>.</summary>
    public abstract string ConfigName { get; }

    /// <summary>The options of this scenario, beside those that all have.</summary>
    public abstract ImmutableArray<ScenarioOption> Options { get; }

    /// <summary>Command lines, as examples.</summary>
    public abstract ImmutableArray<string> Examples { get; }

    /// <summary>Makes a plan: checks columns and options, divides the rows, and builds the pipeline. Nothing is trained.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="request">The tables and the options.</param>
    /// <exception cref="ArgumentException">A column or an option is missing or wrong; the message names it.</exception>
    public ScenarioPlan CreatePlan(MLContext mlContext, ScenarioRequest request)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(request);
        foreach (var name in request.Values.Keys)
        {
            if (Options.Any(option => option.Name == name)) continue;
            throw new ArgumentException(
                $"The scenario {Name} has no option '{name}': it has {string.Join(", ", Options.Select(static option => option.Name))}.",
                nameof(request));
        }
        foreach (var option in Options)
        {
            if (option.IsRequired && request.Text(option.Name) is null)
                throw new ArgumentException($"The option {option.Name} is missing: {option.Description}", nameof(request));
        }
        return Plan(mlContext, request);
    }

    private protected abstract ScenarioPlan Plan(MLContext mlContext, ScenarioRequest request);
}
