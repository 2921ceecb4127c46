using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>A plan of what is trained: columns, parts of the rows, pipeline and metric.</summary>
public abstract class ScenarioPlan
{
    private protected ScenarioPlan(Scenario scenario, MLContext mlContext, ScenarioRequest request) =>
        (Scenario, Context, Request) = (scenario, mlContext, request);

    /// <summary>The scenario.</summary>
    public Scenario Scenario { get; }

    /// <summary>The tables and options.</summary>
    public ScenarioRequest Request { get; }

    /// <summary>What is made of each column.</summary>
    public required ImmutableArray<ColumnUse> Columns { get; init; }

    /// <summary>What was chosen and why, a sentence each.</summary>
    public required ImmutableArray<string> Notes { get; init; }

    /// <summary>The steps from the rows of the training table to those of the pipeline.</summary>
    public ImmutableArray<DataStep> Preparation { get; init; } = [];

    /// <summary>The parts of the rows.</summary>
    public required ScenarioParts Parts { get; init; }

    /// <summary>The steps from the rows of the pipeline to those that are not held out for the test; none where a test table is given.</summary>
    public ImmutableArray<DataStep> Learning => Parts.Learning is { } step ? [step] : [];

    /// <inheritdoc cref="ScenarioParts.TrainPart"/>
    public DataStep? TrainPart => Parts.TrainPart;

    /// <inheritdoc cref="ScenarioParts.ValidationPart"/>
    public DataStep? ValidationPart => Parts.ValidationPart;

    /// <inheritdoc cref="ScenarioParts.Learned"/>
    public IDataView Learned => Parts.Learned;

    /// <inheritdoc cref="ScenarioParts.Train"/>
    public IDataView Train => Parts.Train;

    /// <inheritdoc cref="ScenarioParts.Validation"/>
    public IDataView Validation => Parts.Validation;

    /// <inheritdoc cref="ScenarioParts.Test"/>
    public IDataView? Test => Parts.Test;

    /// <summary>The metric by which trials are compared.</summary>
    public required TrialMetric Metric { get; init; }

    /// <summary>The pipeline, with the default options of its trainer.</summary>
    public required PipelineDescription Pipeline { get; init; }

    /// <summary>The columns of a table that a model reads, and the label.</summary>
    public ImmutableArray<string> Inputs => [.. Columns.Where(static column => column.Role is not ColumnRole.Ignored).Select(static column => column.Name)];

    private protected MLContext Context { get; }

    /// <summary>The metric of a fitted pipeline on the validation rows.</summary>
    /// <param name="model">The pipeline.</param>
    public abstract double Validate(ITransformer model);

    /// <summary>
    /// The folds of the search's final, which trains its best trials and the default options on each; null where the validation rows are enough to tell them
    /// apart.
    /// </summary>
    public virtual IReadOnlyList<ExperimentFold>? Folds => null;

    /// <summary>The final figures of a fitted pipeline on the test rows, with baselines.</summary>
    /// <param name="model">The pipeline.</param>
    /// <exception cref="InvalidOperationException">No rows are held out.</exception>
    public ScenarioEvaluation Evaluate(ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Evaluate(model, Test ?? throw new InvalidOperationException("No rows are held out for a test: give a test table or a fraction."));
    }

    /// <summary>Predictions for the rows of a table.</summary>
    /// <param name="model">The fitted pipeline.</param>
    /// <param name="table">The table; the label may be missing.</param>
    public abstract Predictions Predict(ITransformer model, ScenarioTable table);

    private protected abstract ScenarioEvaluation Evaluate(ITransformer model, IDataView rows);
}
