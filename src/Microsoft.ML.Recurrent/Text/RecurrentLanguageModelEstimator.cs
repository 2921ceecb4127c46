using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
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
        yield return ColumnShapes.Numbers(_options.OutputColumnName, SchemaShape.Column.VectorKind.VariableVector);
        if (_options.PerplexityColumnName is { } perplexity) yield return ColumnShapes.Numbers(perplexity, SchemaShape.Column.VectorKind.Scalar);
        if (_options.NextTokenColumnName is { } next) yield return ColumnShapes.Numbers(next, SchemaShape.Column.VectorKind.Vector, named: true);
    }

    private protected override TrainingJob CreateJob(IDataView trainData, IDataView? validationData, ulong seed, TrainingChannel run)
    {
        var column = TokenColumn.Resolve(trainData.Schema, _options.InputColumnName);
        if (validationData is not null && TokenColumn.Resolve(validationData.Schema, column.Name) is var other && other.Vocabulary != column.Vocabulary)
            throw new ArgumentException(
                $"The column '{column.Name}' of the validation data has other keys than in the training data: expected {column.Vocabulary - 1} keys, "
                    + $"found {other.Vocabulary - 1}. Use the same key mapping for both.", nameof(validationData));
        var tokens = TokenColumn.Values(trainData.Schema, column.Name);
        var marker = Marker(column, tokens);
        var vocabulary = marker >= column.Vocabulary ? column.Vocabulary + 1 : column.Vocabulary;
        CheckInitialModel();
        if (_options.SampledTokens > vocabulary)
            throw new ArgumentOutOfRangeException(nameof(Options.SampledTokens), _options.SampledTokens,
                $"The option SampledTokens must not exceed the vocabulary, which has {vocabulary} tokens.");

        var corpus = TokenCorpus.Read(trainData, column, vocabulary, marker, nameof(trainData), _options.CancellationToken);
        var held = validationData is null
            ? null
            : TokenCorpus.Read(validationData, column, vocabulary, marker, nameof(validationData), _options.CancellationToken);
        var (train, validation) = _options.Stateful ? Streams(corpus, held) : Rows(corpus, held, seed);
        var counts = corpus.Counts();
        var language = new LanguageManifest(marker, _options.EndOfSentence, _options.Stateful, counts[0] > 0, _options.PerplexityColumnName is not null,
            _options.NextTokenColumnName is not null);
        var size = _options.EmbeddingSize ?? _options.StateSize;
        var description = new NetworkDescription
        {
            Features = 0,
            Vocabulary = vocabulary,
            Outputs = vocabulary,
            PerStep = true,
            TieHead = _options.TieWeights,
            Layers = NetworkBuilder.StepLayers(_options, size, _options.TieWeights ? size : null),
        };
        if (StepGraph.Refusal(description) is { } refusal)
            throw new ArgumentException($"A language model reads from left to right, step by step, but {refusal}.", nameof(Options.Network));
        return new()
        {
            Train = train,
            Validation = validation,
            Manifest = Manifest(column, vocabulary, tokens, language),
            Description = description,
            Prepare = _ => { },
            CreateHead = network => new LanguageModelHead(vocabulary, language)
            {
                Sampled = _options.SampledTokens is { } samples ? new(network.HeadLayer, samples, new FrequencyOrder(counts)) : null,
            },
        };
    }

    private protected override RecurrentLanguageModelTransformer CreateTransformer(RecurrentModel model) => new(Host, model);

    private (ITrainingSet Train, ITrainingSet? Validation) Streams(TokenCorpus corpus, TokenCorpus? held)
    {
        var (trainEnd, validationStart) = held is null ? StreamSet.Split(corpus, _options.ValidationFraction) : (corpus.Tokens.Length, corpus.Tokens.Length);
        var count = _options.BatchSizeFor(trainEnd - TokenCorpus.First);
        var train = new StreamSet(corpus, TokenCorpus.First, trainEnd, count, _options.StepsPerBatch);
        return held is not null ? (train, new StreamSet(held, TokenCorpus.First, held.Tokens.Length, count, _options.StepsPerBatch))
            : (train, validationStart < corpus.Tokens.Length
                ? new StreamSet(corpus, validationStart, corpus.Tokens.Length, count, _options.StepsPerBatch)
                : null);
    }

    private (ITrainingSet Train, ITrainingSet? Validation) Rows(TokenCorpus corpus, TokenCorpus? held, ulong seed)
    {
        var rows = new TextRows(corpus);
        if (held is not null)
        {
            var others = new TextRows(held);
            return (new ExampleSet(rows, All(rows.Count)), others.Count > 0 ? new ExampleSet(others, All(others.Count)) : null);
        }

        var (kept, aside) = RandomSplit.Split(rows.Count, [], _options.ValidationFraction, seed);
        return (new ExampleSet(rows, kept), aside.Length > 0 ? new ExampleSet(rows, aside) : null);

        static int[] All(int count) => [.. Enumerable.Range(0, count)];
    }

    // The key with that value, or a new id after the keys.
    private int? Marker(SequenceColumn column, LabelManifest? tokens) => _options.EndOfSentence is not { } text ? null
        : tokens is { Kind: LabelKind.Text } && tokens.Values.IndexOf(text) is >= 0 and var key ? key + 1 : column.Vocabulary;

    private void CheckInitialModel()
    {
        if (_options.InitialModel?.Manifest.Language is { } known && known.EndOfSentenceText != _options.EndOfSentence)
            throw new ArgumentException(
                $"The option InitialModel holds a language model whose rows end in {known.EndOfSentenceText ?? "no marker"}: keep EndOfSentence as it was.",
                nameof(Options.InitialModel));
    }

    private ModelManifest Manifest(SequenceColumn column, int vocabulary, LabelManifest? tokens, LanguageManifest language)
    {
        var outputs = new List<OutputColumn> { new(_options.OutputColumnName, OutputKind.Single) { PerStep = true } };
        if (_options.PerplexityColumnName is { } perplexity) outputs.Add(new(perplexity, OutputKind.Single));
        if (_options.NextTokenColumnName is { } next) outputs.Add(new(next, OutputKind.Single, vocabulary - 1));
        return new()
        {
            Task = ModelTask.LanguageModel,
            // Rows may have any number of steps, whatever the training column's type says.
            Inputs = [new(column.Name, InputKind.Tokens, null, 1, vocabulary) { ExtraTokens = vocabulary - column.Vocabulary,
                StartToken = language.EndOfSentence }],
            Outputs = [.. outputs],
            Vocabulary = tokens,
            Language = language,
        };
    }
}
