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

    /// <summary>The steps from the rows of the pipeline to those that are not held out for the test; none where a test table is given.</summary>
    public ImmutableArray<DataStep> Learning { get; init; } = [];

    /// <summary>The step from those to the training rows; null where a validation table is given.</summary>
    public DataStep? TrainPart { get; init; }

    /// <summary>The step from those to the validation rows; null where a validation table is given.</summary>
    public DataStep? ValidationPart { get; init; }

    /// <summary>The training and validation rows together, for a refit.</summary>
    public required IDataView Learned { get; init; }

    /// <summary>The training rows.</summary>
    public required IDataView Train { get; init; }

    /// <summary>The rows by which trials are compared; of series, with the rows before that they need.</summary>
    public required IDataView Validation { get; init; }

    /// <summary>The rows that no trial sees; of series, with the rows before that they need. Null if none are held out.</summary>
    public required IDataView? Test { get; init; }

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
