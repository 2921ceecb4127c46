using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Tokens;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>Learns a vocabulary from a column of tokens: the most frequent ones become keys, the most frequent first.</summary>
/// <remarks>
/// ML.NET's MapValueToKey has no counts: its <c>maximumNumberOfKeys</c> keeps the tokens that come first in the data, however rare, and its
/// <c>keyOrdinality</c> only orders those.
/// </remarks>
public sealed class VocabularyEstimator : IEstimator<VocabularyTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _output, _input;
    private readonly VocabularyRule _rule;

    internal VocabularyEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, VocabularyRule rule) =>
        (_environment, _output, _input, _rule) = (environment, outputColumnName, inputColumnName, rule);

    /// <summary>Counts the tokens of all rows.</summary>
    /// <param name="input">The training rows.</param>
    /// <exception cref="ArgumentException">The column is missing or not of text, or no token is frequent enough.</exception>
    public VocabularyTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var column = Columns.Find(input.Schema, _input, VocabularyTransformer.Role);
        VocabularyTransformer.Check(column);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        using (var cursor = input.GetRowCursor([column]))
        {
            var read = TokenValues.Open(cursor, column);
            while (cursor.MoveNext())
            {
                foreach (var token in read())
                {
                    if (token.IsEmpty) continue;
                    System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(lookup, token.Span, out _)++;
                }
            }
        }
        var values = _rule.Choose(counts);
        if (values.Length > 0) return new(_environment, _output, _input, values, _rule.UnknownToken, _rule.PaddingToken);
        throw new ArgumentException($"No token of the column '{_input}' makes a vocabulary: it holds {counts.Count} different tokens, none of them "
            + $"{_rule.MinimumCount} times. Check the column, or lower minimumCount.", nameof(input));
    }

    /// <summary>The output schema: the input columns and keys with the tokens as their values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, or is not text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var input = Columns.Find(inputSchema, _input, VocabularyTransformer.Role);
        VocabularyTransformer.Check(input);
        return new(inputSchema.Where(column => column.Name != _output).Append(TokenKeys.Shape(_output, input.Kind)));
    }
}
