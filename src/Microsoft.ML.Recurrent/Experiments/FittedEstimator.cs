namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>An estimator whose fit has been made: the same transformer on all rows.</summary>
/// <param name="model">The transformer.</param>
/// <param name="schema">The schema of its rows: sizes and annotations are those of rows, not of shapes.</param>
internal sealed class FittedEstimator(ITransformer model, DataViewSchema schema) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input) => model;

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => SchemaShape.Create(model.GetOutputSchema(schema));
}
