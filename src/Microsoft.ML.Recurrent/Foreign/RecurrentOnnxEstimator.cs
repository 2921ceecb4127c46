using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Foreign;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Onnx.Import;
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
    private readonly string[] _outputs, _inputs;

    internal RecurrentOnnxEstimator(IHostEnvironment environment, RecurrentOnnxOptions options)
    {
        (_environment, _options) = (environment, options.Checked());
        (_outputs, _inputs) = (_options.OutputColumnNames ?? [], _options.InputColumnNames ?? []);
    }

    /// <summary>Binds the model to the columns of the data.</summary>
    /// <param name="input">The data; only the schema is used.</param>
    /// <exception cref="ArgumentException">A column is missing, is of another type, or does not match the model's inputs; the message names it.</exception>
    /// <exception cref="InvalidDataException">The file is not an ONNX model, or is truncated.</exception>
    public RecurrentOnnxTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var schema = input.Schema;
        foreach (var name in _inputs)
        {
            if (schema.GetColumnOrNull(name) is not { } column) throw ColumnErrors.Missing("input", name, schema.Select(other => other.Name));
            if (!ForeignColumnReader.IsNumeric(column.Type))
                throw ColumnErrors.Mismatch("input", name, "numbers", column.Type.ToString()!,
                    ColumnErrors.SequenceRemedy(column.Type is VectorDataViewType, Columns.ItemType(column.Type).RawType, name));
        }
        return new(_environment, ForeignModel.Bind(_options, schema), _options.Scoring);
    }

    /// <summary>The output schema: the input columns and a vector for each output.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An input column is missing.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        foreach (var name in _inputs)
            if (inputSchema.All(column => column.Name != name)) throw ColumnErrors.Missing("input", name, inputSchema.Select(column => column.Name));
        var kinds = OnnxFile.OutputTypes(_options.ModelFile);
        var byName = _outputs.All(kinds.ContainsKey);
        var added = _outputs.Select((name, i) => ColumnShapes.Vector(name,
            (byName ? kinds[name] : kinds.Values.ElementAtOrDefault(i)) ? NumberDataViewType.Int64 : NumberDataViewType.Single));
        return new(inputSchema.Where(column => !_outputs.Contains(column.Name)).Concat(added));
    }
}
