using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>A model in the place of an estimator, whose fit returns it.</summary>
internal sealed class FittedEstimator(ITransformer model, DataViewSchema schema) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input) => model;

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => SchemaShape.Create(model.GetOutputSchema(schema));
}
