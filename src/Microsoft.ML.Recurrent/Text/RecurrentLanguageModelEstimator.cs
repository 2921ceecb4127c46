using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Text;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>Trains a recurrent language model: the probability of each token given the previous ones (Mikolov et al. 2010, Zaremba et al. 2014).</summary>
/// <remarks>
/// The input is a vector of keys: one sentence per row, or one row with the whole text. By default the rows form one text. It is read in parallel streams,
/// chunk by chunk, and the states carry over from chunk to chunk. The transformer adds the log-probability of each token; a
/// <see cref="RecurrentTextGenerator"/> generates text.
/// <code>
/// var pipeline = mlContext.Transforms.Text.TokenizeIntoWords("Tokens", "Text")
///     .Append(mlContext.Transforms.Conversion.MapValueToKey("Tokens"))
///     .Append(mlContext.Transforms.Text.LanguageModelByLstm("LogProbabilities"));
/// </code>
/// </remarks>
public sealed partial class RecurrentLanguageModelEstimator : RecurrentTrainer<RecurrentLanguageModelTransformer>
{
    private readonly Options _options;

    internal RecurrentLanguageModelEstimator(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentLanguageModelEstimator), options) => _options = (Options)CheckedOptions;

    private protected override IEnumerable<SchemaShape.Column> CheckSchema(SchemaShape schema)
    {
        TokenColumn.Check(schema, _options.InputColumnName);
        yield return ColumnShapes.Numbers(_options.Output.LogProbabilitiesColumnName, SchemaShape.Column.VectorKind.VariableVector);
        if (_options.Output.PerplexityColumnName is { } perplexity) yield return ColumnShapes.Numbers(perplexity, SchemaShape.Column.VectorKind.Scalar);
        if (_options.Output.NextTokenColumnName is { } next) yield return ColumnShapes.Numbers(next, SchemaShape.Column.VectorKind.Vector, named: true);
    }

    private protected override NetworkFit CreateFit(RecurrentTrainerOptions options) => new LanguageModelFit((Options)options);

    private protected override RecurrentLanguageModelTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
