using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>Makes a feature of each word of a column. Nothing is learned: <see cref="Fit"/> checks the column.</summary>
public sealed class WordFeatureEstimator : IEstimator<WordFeatureTransformer>
{
    private readonly WordFeatureTransformer _transformer;

    internal WordFeatureEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, WordFeature feature, int length) =>
        _transformer = new(environment, outputColumnName, inputColumnName, feature, length);

    /// <summary>Checks the input column.</summary>
    /// <param name="input">The data; only the schema is used.</param>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing, or is not text.</exception>
    public WordFeatureTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>The output schema: the input columns and a column of text, a vector where the input is one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing, or is not text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var input = Columns.Find(inputSchema, _transformer.InputColumnName, VocabularyTransformer.Role);
        VocabularyTransformer.Check(input);
        var output = new SchemaShape.Column(_transformer.OutputColumnName, input.Kind, TextDataViewType.Instance, false);
        return new(inputSchema.Where(column => column.Name != output.Name).Append(output));
    }
}
