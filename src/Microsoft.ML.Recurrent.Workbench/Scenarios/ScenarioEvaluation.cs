using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>The final figures of a model, on rows that no trial saw.</summary>
/// <param name="Metrics">The metrics, the one by which models are compared first.</param>
/// <param name="Lines">The model first, then baselines.</param>
/// <param name="Rows">The rows or forecasts that were evaluated.</param>
public sealed record ScenarioEvaluation(ImmutableArray<TrialMetric> Metrics, ImmutableArray<EvaluationLine> Lines, long Rows)
{
    /// <summary>What <see cref="Rows"/> counts: rows, forecasts or tokens.</summary>
    public string Unit { get; init; } = "rows";

    /// <summary>The figures of the model.</summary>
    public EvaluationLine Model => Lines[0];

    /// <summary>The baseline that is better than the model by the first metric, the best of them; null if the model is the best.</summary>
    public EvaluationLine? BetterBaseline => Lines.Where(line => line.IsBaseline && IsBetter(line.Values[0], Model.Values[0]))
        .OrderBy(line => Metrics[0].HigherIsBetter ? -line.Values[0] : line.Values[0]).FirstOrDefault();

    /// <summary>Of forecasts: the back-test.</summary>
    public BackTestResult? BackTest { get; init; }

    /// <summary>Of classes: how they were told apart.</summary>
    public ConfusionCounts? Classes { get; init; }

    /// <summary>Of tags: entities and tags.</summary>
    public SequenceTaggingMetrics? Tags { get; init; }

    /// <summary>Of regression: labels and predictions, as many as a picture needs.</summary>
    public ImmutableArray<(double Label, double Prediction)> Points { get; init; } = [];

    private bool IsBetter(double value, double than) => Metrics[0].HigherIsBetter ? value > than : value < than;
}
