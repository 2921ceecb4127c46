using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Foreign;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Adds an ONNX model of another framework to a pipeline, scored in batches. Nothing is trained: <see cref="Fit"/> binds the inputs and outputs of the model to
/// columns.
/// </summary>
public sealed class RecurrentOnnxEstimator : IEstimator<RecurrentOnnxTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly RecurrentOnnxOptions _options;

    internal RecurrentOnnxEstimator(IHostEnvironment environment, RecurrentOnnxOptions options)
    {
        (_environment, _options) = (environment, options.Checked());
    }

    /// <summary>Binds the model to the columns of the data.</summary>
    /// <param name="input">The data: the schema, and the first row if the graph does not run on zeros.</param>
    /// <exception cref="ArgumentException">A column is missing, is of another type, or does not match the model's inputs; the message names it.</exception>
    /// <exception cref="InvalidDataException">The file is not an ONNX model, or is truncated.</exception>
    public RecurrentOnnxTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var model = ForeignModel.Bind(_options, input);
        return new(_environment, model, _options.Scoring);
    }

    /// <summary>
    /// The output schema: the input columns and a column for each output, a scalar where the file declares one number per row, otherwise a vector.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        foreach (var name in _options.InputColumnNames ?? [])
            if (inputSchema.All(column => column.Name != name)) throw ColumnErrors.Missing("input", name, inputSchema.Select(column => column.Name));
        SchemaShape.Column[] added = [.. ForeignShapes.Create(_options)];
        return new(inputSchema.Where(column => !added.Any(other => other.Name == column.Name)).Concat(added));
    }
}
