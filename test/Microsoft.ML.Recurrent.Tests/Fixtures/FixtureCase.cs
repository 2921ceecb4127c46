namespace Microsoft.ML.Recurrent.Tests.Fixtures;

/// <summary>A model of the fixtures: how it was trained, and what is asked of it.</summary>
internal abstract class FixtureCase(string name, string[] columns)
{
    /// <summary>The folder of its files.</summary>
    public string Name { get; } = name;

    /// <summary>The columns whose numbers are kept, the forecast or score first.</summary>
    public string[] Columns { get; } = columns;

    /// <summary>
    /// Whether training further at a learning rate of next to nothing leaves the first column as it was: not where layers keep statistics of what they see.
    /// </summary>
    public bool KeepsAnswers { get; init; } = true;

    /// <summary>Trains the pipeline.</summary>
    /// <param name="context">The MLContext.</param>
    /// <param name="initial">The model to train further; null for a new one.</param>
    public abstract ITransformer Fit(MLContext context, RecurrentModel? initial = null);

    /// <summary>Rows to score, as they are kept.</summary>
    public abstract string Rows();

    /// <summary>Rows that were kept.</summary>
    public abstract IDataView Read(MLContext context, string json);
}

/// <summary>A model whose rows are objects.</summary>
/// <param name="name">The folder of its files.</param>
/// <param name="columns">The columns whose numbers are kept.</param>
/// <param name="train">The rows that it is trained on.</param>
/// <param name="score">The rows that are kept.</param>
/// <param name="estimator">The pipeline, for a new model or to train one further.</param>
internal sealed class FixtureCase<TRow>(
    string name, string[] columns, TRow[] train, TRow[] score, Func<MLContext, RecurrentModel?, IEstimator<ITransformer>> estimator)
    : FixtureCase(name, columns)
    where TRow : class
{
    public override ITransformer Fit(MLContext context, RecurrentModel? initial = null) =>
        estimator(context, initial).Fit(context.Data.LoadFromEnumerable(train));

    public override string Rows() => FixtureFiles.ToJson(score);

    public override IDataView Read(MLContext context, string json) => context.Data.LoadFromEnumerable(FixtureFiles.FromJson<TRow[]>(json));
}
