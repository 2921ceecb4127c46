using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Microsoft.ML.Recurrent.Workbench.Scenarios.Forecasting;
using Microsoft.ML.Recurrent.Workbench.Scenarios.Sequences;
using Microsoft.ML.Recurrent.Workbench.Scenarios.Texts;

namespace Microsoft.ML.Recurrent.Workbench.Catalog;

/// <summary>All scenarios, so that commands and configurations find them by name.</summary>
public static class ScenarioCatalog
{
    /// <summary>The scenarios.</summary>
    public static ImmutableArray<Scenario> All { get; } =
    [
        new ForecastingScenario(), new ClassificationScenario(), new RegressionScenario(), new TextClassificationScenario(), new TaggingScenario(),
        new LanguageModelScenario(), new TranslationScenario(), new AutoencoderScenario(),
    ];

    /// <summary>Finds a scenario.</summary>
    /// <param name="name">Its name, or its name in configurations.</param>
    /// <exception cref="ArgumentException">There is no such scenario.</exception>
    public static Scenario Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name || scenario.ConfigName == name)
        ?? throw new ArgumentException($"There is no scenario '{name}': choose {string.Join(", ", All.Select(static scenario => scenario.Name))}.",
            nameof(name));
}
