using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Adds the contribution of each step to the score of a trained model. Nothing is learned: <see cref="Fit"/> checks the columns of the model.
/// </summary>
public sealed class StepContributionsEstimator : IEstimator<StepContributionsTransformer>
{
    private readonly StepContributionsTransformer _transformer;

    internal StepContributionsEstimator(IHostEnvironment environment, string outputColumnName, RecurrentModel model, StepContributionOptions options) =>
        _transformer = new(environment, outputColumnName, model, options);

    /// <summary>Checks the columns that the model reads.</summary>
    /// <param name="input">The data; only the schema is used.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public StepContributionsTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>The output schema: the input columns and the added ones.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column of the model is missing.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        foreach (var input in _transformer.Model.Manifest.Inputs) Columns.Find(inputSchema, input.Column, "input");
        var added = _transformer.Columns().Select(column => new SchemaShape.Column(column.Name, column.Type is not VectorDataViewType vector
            ? SchemaShape.Column.VectorKind.Scalar
            : vector.IsKnownSize ? SchemaShape.Column.VectorKind.Vector : SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single, false))
                .ToArray();
        return new(inputSchema.Where(column => added.All(other => other.Name != column.Name)).Concat(added));
    }
}
