using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Training;
using Options = Microsoft.ML.Recurrent.RecurrentLanguageModelEstimator.Options;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>
/// One fit of a language model. <see cref="Prepare"/> reads the corpus and describes the network, <see cref="CreateHead"/> creates the head, with a full or a
/// sampled soft-max.
/// </summary>
internal sealed class LanguageModelFit(Options options) : NetworkFit
{
    private long[] _counts = [];

    protected override void Prepare(IDataView trainData, IDataView? validationData, ulong seed, TrainingChannel channel)
    {
        var column = TokenColumn.Resolve(trainData.Schema, options.InputColumnName);
        if (validationData is not null && TokenColumn.Resolve(validationData.Schema, column.Name) is var other && other.Vocabulary != column.Vocabulary)
        {
            throw new ArgumentException($"The column '{column.Name}' of the validation data holds other keys than that of the training data: " +
                $"expected {column.Vocabulary - 1} keys, found {other.Vocabulary - 1}. Map both by the same mapping.", nameof(validationData));
        }
        var tokens = TokenColumn.Values(trainData.Schema, column.Name);
        var marker = Marker(column, tokens);
        var vocabulary = marker >= column.Vocabulary ? column.Vocabulary + 1 : column.Vocabulary;
        if (options.InitialModel?.Manifest.Language is { } known && known.EndOfSentenceText != options.EndOfSentence)
        {
            throw new ArgumentException($"The option InitialModel holds a language model whose rows end in {known.EndOfSentenceText ?? "no marker"}: " +
                "leave EndOfSentence as it was.", nameof(Options.InitialModel));
        }
        if (options.SampledTokens > vocabulary)
        {
            throw new ArgumentOutOfRangeException(nameof(Options.SampledTokens), options.SampledTokens,
                $"The option SampledTokens must not be greater than the vocabulary, which has {vocabulary} tokens.");
        }

        var corpus = TokenCorpus.Read(trainData, column, vocabulary, marker, nameof(trainData), options.CancellationToken);
        var held = validationData is null ? null
            : TokenCorpus.Read(validationData, column, vocabulary, marker, nameof(validationData), options.CancellationToken);
        (Train, Validation) = options.Stateful ? Streams(corpus, held) : Rows(corpus, held, seed);
        _counts = corpus.Counts();
        var size = options.EmbeddingSize ?? options.StateSize;
        Description = new()
        {
            Features = 0,
            Vocabulary = vocabulary,
            Outputs = vocabulary,
            PerStep = true,
            TieHead = options.TieWeights,
            Layers = NetworkBuilder.StepLayers(options, size, options.TieWeights ? size : null),
        };
        if (StepGraph.Refusal(Description) is { } refusal)
            throw new ArgumentException($"A language model reads from left to right, step by step, but {refusal}.", nameof(Options.Network));
        var outputs = new List<OutputColumn> { new(options.OutputColumnName, OutputKind.Single) { PerStep = true } };
        if (options.PerplexityColumnName is { } perplexity) outputs.Add(new(perplexity, OutputKind.Single));
        if (options.NextTokenColumnName is { } next) outputs.Add(new(next, OutputKind.Single, vocabulary - 1));
        Manifest = new()
        {
            Task = ModelTask.LanguageModel,
            // Rows may have any number of steps, whatever the column of the training data said.
            Inputs = [new(column.Name, InputKind.Tokens, null, 1, vocabulary) { ExtraTokens = vocabulary - column.Vocabulary, StartToken = marker }],
            Outputs = [.. outputs],
            Vocabulary = tokens,
            Language = new(marker, options.EndOfSentence, options.Stateful, _counts[0] > 0, options.PerplexityColumnName is not null,
                options.NextTokenColumnName is not null),
        };
    }

    protected override Head CreateHead(Network network) => new LanguageModelHead(Description.Vocabulary, Manifest.Language!)
    {
        Sampled = options.SampledTokens is { } samples ? new(network.HeadLayer, samples, new FrequencyOrder(_counts)) : null,
    };

    private (ITrainingSet Train, ITrainingSet? Validation) Streams(TokenCorpus corpus, TokenCorpus? held)
    {
        var (trainEnd, validationStart) = held is null ? StreamSet.Split(corpus, options.ValidationFraction) : (corpus.Tokens.Length, corpus.Tokens.Length);
        var count = options.BatchSizeFor(trainEnd - TokenCorpus.First);
        return (Set(corpus, TokenCorpus.First, trainEnd), held is not null ? Set(held, TokenCorpus.First, held.Tokens.Length)
            : validationStart < corpus.Tokens.Length ? Set(corpus, validationStart, corpus.Tokens.Length) : null);

        StreamSet Set(TokenCorpus tokens, int from, int to) => new(tokens, from, to, count, options.StepsPerBatch);
    }

    private (ITrainingSet Train, ITrainingSet? Validation) Rows(TokenCorpus corpus, TokenCorpus? held, ulong seed)
    {
        var rows = new TextRows(corpus);
        if (held is not null)
        {
            var others = new TextRows(held);
            return (new ExampleSet(rows), others.Count > 0 ? new ExampleSet(others) : null);
        }
        var (kept, aside) = RandomSplit.Split(rows.Count, [], options.ValidationFraction, seed);
        return (new ExampleSet(rows, kept), aside.Length > 0 ? new ExampleSet(rows, aside) : null);
    }

    // A key of that value, or an id of its own behind the keys'.
    private int? Marker(SequenceColumn column, LabelManifest? tokens) => options.EndOfSentence is not { } text ? null
        : tokens is { Kind: LabelKind.Text } && tokens.Values.IndexOf(text) is >= 0 and var key ? key + 1 : column.Vocabulary;
}
