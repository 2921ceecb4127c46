using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.States;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Adds states, or weights of attention, of a trained recurrent network as a column. Nothing is learned: <see cref="Fit"/> checks the columns of the model.
/// </summary>
public sealed class StateFeaturesEstimator : IEstimator<StateFeaturesTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly RecurrentModel _model;

    internal StateFeaturesEstimator(IHostEnvironment environment, RecurrentModel states) => (_environment, _model) = (environment, states);

    /// <summary>Checks the columns that the model reads.</summary>
    /// <param name="input">The data; only the schema is used.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public StateFeaturesTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var transformer = new StateFeaturesTransformer(_environment, _model);
        transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <summary>The output schema: the input columns and a vector: of known size for states, of one number a step for weights.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column of the model is missing.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        foreach (var column in _model.Manifest.Inputs.Where(column => !column.IsSeries)) Columns.Find(inputSchema, column.Column, "input");
        var added = ColumnShapes.Numbers(_model.Manifest.Outputs[0].Name,
            _model.Manifest.Outputs[0].PerStep ? SchemaShape.Column.VectorKind.VariableVector : SchemaShape.Column.VectorKind.Vector);
        return new(inputSchema.Where(column => column.Name != added.Name).Append(added));
    }
}
