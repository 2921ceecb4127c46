using Microsoft.ML.Recurrent.Workbench.Scenarios;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>Several models on the same rows.</summary>
public static class ModelComparison
{
    /// <summary>Measures models.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="models">Their files, or the folders of their runs.</param>
    /// <param name="path">The file of the rows; null for those that the runs held out.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The figures: the models, the best first, then the baselines of the first.</returns>
    /// <exception cref="ArgumentException">The models are of different scenarios or have different metrics.</exception>
    public static ScenarioEvaluation Measure(MLContext mlContext, IReadOnlyList<string> models, string? path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        if (models.Count == 0) throw new ArgumentException("Name at least one model.", nameof(models));
        var (measured, scenarios) = (new List<(string Name, ScenarioEvaluation Evaluation)>(), new List<Scenario>());
        foreach (var model in models)
        {
            using var trained = TrainedModel.Load(mlContext, model);
            scenarios.Add(trained.Request.Scenario);
            if (scenarios[0] != trained.Request.Scenario)
                throw new ArgumentException(
                    $"'{models[0]}' is of {scenarios[0].Name}, but '{model}' of {trained.Request.Scenario.Name}: they cannot be compared.");
            measured.Add((model, trained.Evaluate(mlContext, path, cancellationToken)));
        }
        var first = measured[0].Evaluation;
        foreach (var (name, evaluation) in measured)
            if (!evaluation.Metrics.SequenceEqual(first.Metrics) || evaluation.Rows != first.Rows)
                throw new ArgumentException($"'{name}' is measured by {evaluation.Metrics[0].Name} on {evaluation.Rows} values, but '{models[0]}' by "
                    + $"{first.Metrics[0].Name} on {first.Rows}: they cannot be compared.");
        var lines = measured.Select(static one => one.Evaluation.Model with { Name = one.Name })
            .OrderBy(line => first.Metrics[0].HigherIsBetter ? -line.Values[0] : line.Values[0]);
        return first with { Lines = [.. lines, .. first.Lines.Where(static line => line.IsBaseline)] };
    }
}
