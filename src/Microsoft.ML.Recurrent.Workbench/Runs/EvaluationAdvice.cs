using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Scenarios;

namespace Microsoft.ML.Recurrent.Workbench.Runs;

/// <summary>What the final figures mean, in a sentence.</summary>
public static class EvaluationAdvice
{
    /// <summary>Recommends the model or a baseline.</summary>
    /// <param name="evaluation">The figures.</param>
    public static string Write(ScenarioEvaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var metric = evaluation.Metrics[0].Name;
        return evaluation.BetterBaseline is { } baseline
            ? string.Create(CultureInfo.InvariantCulture, $"The baseline '{baseline.Name}' is better than the model: {metric} {baseline.Values[0]:G4} against ")
                + string.Create(CultureInfo.InvariantCulture, $"{evaluation.Model.Values[0]:G4}. Use it instead, or train longer (--train-time) on more rows.")
            : evaluation.Lines.Any(static line => line.IsBaseline)
                ? string.Create(CultureInfo.InvariantCulture, $"The model is better than all baselines ({metric} {evaluation.Model.Values[0]:G4}).")
            : string.Create(CultureInfo.InvariantCulture, $"{metric} {evaluation.Model.Values[0]:G4}.");
    }
}
