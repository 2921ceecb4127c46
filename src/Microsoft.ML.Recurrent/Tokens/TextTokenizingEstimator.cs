using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Tokens;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>Splits a column of text into tokens. Nothing is learned: <see cref="Fit"/> checks the column.</summary>
public sealed class TextTokenizingEstimator : IEstimator<TextTokenizingTransformer>
{
    private readonly TextTokenizingTransformer _transformer;

    internal TextTokenizingEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, TextTokenizer tokenizer,
        TokenizingOptions options) => _transformer = new(environment, outputColumnName, inputColumnName, tokenizer, options);

    /// <summary>Checks the input column.</summary>
    /// <param name="input">The data; only the schema is used.</param>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing, or is not text.</exception>
    public TextTokenizingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>The output schema: the input columns and a vector of text or keys.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing, or is not text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var input = Columns.Find(inputSchema, _transformer.InputColumnName, "text");
        if (input.Kind != SchemaShape.Column.VectorKind.Scalar || input.IsKey || input.ItemType is not TextDataViewType)
            throw ColumnErrors.Mismatch("text", input.Name, "Text", ColumnErrors.Describe(input), TextTokenizingTransformer.Remedy);
        const SchemaShape.Column.VectorKind varying = SchemaShape.Column.VectorKind.VariableVector;
        var output = _transformer.Tokenizer.Vocabulary is null
            ? new SchemaShape.Column(_transformer.OutputColumnName, varying, TextDataViewType.Instance, false)
            : TokenKeys.Shape(_transformer.OutputColumnName, varying);
        return new(inputSchema.Where(column => column.Name != output.Name).Append(output));
    }
}
