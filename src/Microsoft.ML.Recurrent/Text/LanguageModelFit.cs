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
/// sampled softmax.
/// </summary>
internal sealed class LanguageModelFit(Options options) : NetworkFit
{
    private long[] _counts = [];

    protected override void Prepare(IDataView trainData, IDataView? validationData, ulong seed, TrainingChannel channel)
    {
        var column = TokenColumn.Resolve(trainData.Schema, options.InputColumnName);
        var initial = (options.Network.Initialization.Model ?? options.Network.Initialization.OtherTask)?.Manifest;
        var own = TokenColumn.Values(trainData.Schema, column.Name);
        if (validationData is not null)
        {
            var other = TokenColumn.Resolve(validationData.Schema, column.Name);
            if (other.Vocabulary != column.Vocabulary) throw KeyIds.OtherCount(column.Name, column.Vocabulary - 1, other.Vocabulary - 1);
            KeyIds.CheckValidation(validationData.Schema[column.Name], own);
        }
        // After the keys of the data come those that only the initial model has, then the marker.
        var tokens = KeyIds.Union(own, initial?.Vocabulary);
        var kept = KeyIds.Extra(tokens, own);
        if (kept > 0) channel.Info($"{kept} tokens of the initial model, which these data lack, are kept.");
        var marker = Marker(column.Vocabulary + kept, tokens);
        var vocabulary = marker >= column.Vocabulary + kept ? column.Vocabulary + kept + 1 : column.Vocabulary + kept;
        if (initial?.Language is { } known && known.EndOfSentenceText != options.Vocabulary.EndOfSentence)
        {
            throw new ArgumentException(
                $"The option Network.Initialization.Model holds a language model whose rows end in {known.EndOfSentenceText ?? "no marker"}: " +
                "keep Vocabulary.EndOfSentence as it was.", "Network.Initialization.Model");
        }
        if (options.Vocabulary.SampledTokens > vocabulary)
        {
            throw new ArgumentOutOfRangeException("Vocabulary.SampledTokens", options.Vocabulary.SampledTokens,
                $"The option Vocabulary.SampledTokens must not exceed the vocabulary, which has {vocabulary} tokens.");
        }

        var corpus = TokenCorpus.Read(trainData, column, vocabulary, marker, nameof(trainData), options.CancellationToken);
        var held = validationData is null ? null
            : TokenCorpus.Read(validationData, column, vocabulary, marker, nameof(validationData), options.CancellationToken);
        (Train, Validation) = options.Batches.Stateful ? Streams(corpus, held) : Rows(corpus, held, seed);
        _counts = corpus.Counts();
        CheckInitial(options.Network.Initialization.Model);
        var size = options.Network.Initialization.WordVectors?.Size ?? options.Vocabulary.EmbeddingSize ?? options.Network.StateSize;
        Description = new()
        {
            Features = 0,
            Vocabulary = vocabulary,
            Outputs = vocabulary,
            PerStep = true,
            TieHead = options.Vocabulary.TieWeights,
            Layers = NetworkBuilder.StepLayers(options.Network, size, options.Vocabulary.TieWeights ? size : null),
        };
        if (options.Vocabulary.AdaptiveSoftmax && options.Network.Initialization.Model is null)
            Description = Description with { AdaptiveSoftmax = Divide(vocabulary, channel) };
        if (StepGraph.Refusal(Description) is { } refusal)
            throw new ArgumentException($"A language model runs from left to right, step by step, but {refusal}.", "Network.Custom");
        var outputs = new List<OutputColumn> { new(options.Output.LogProbabilitiesColumnName, OutputKind.Single) { PerStep = true } };
        if (options.Output.PerplexityColumnName is { } perplexity) outputs.Add(new(perplexity, OutputKind.Single));
        if (options.Output.NextTokenColumnName is { } next) outputs.Add(new(next, OutputKind.Single, vocabulary - 1));
        Manifest = new()
        {
            Task = ModelTask.LanguageModel,
            // Rows may have any number of steps, whatever the training column's type says.
            Inputs = [new(column.Name, InputKind.Tokens, null, 1, vocabulary) { ExtraTokens = vocabulary - column.Vocabulary, StartToken = marker }],
            Outputs = [.. outputs],
            Vocabulary = tokens,
            Language = new(marker, options.Vocabulary.EndOfSentence, options.Batches.Stateful,
                _counts[0] > 0 || initial?.Language?.KnowsMissing == true, options.Output.PerplexityColumnName is not null,
                options.Output.NextTokenColumnName is not null),
        };
    }

    protected override Head CreateHead(Network network) => new LanguageModelHead(Description.Vocabulary, Manifest.Language!)
    {
        Adaptive = network.AdaptiveSoftmax,
        Sampled = options.Vocabulary.SampledTokens is { } samples ? new(network.HeadLayer, samples, new FrequencyOrder(_counts)) : null,
    };

    protected override void Start(Network network, Head head, bool isNew)
    {
        if (isNew) network.AdaptiveSoftmax?.Order(new FrequencyOrder(_counts));
    }

    // The output layer is that of the initial model.
    private void CheckInitial(RecurrentModel? initial)
    {
        if (initial is null) return;
        var isAdaptive = initial.Description.AdaptiveSoftmax is not null;
        if (options.Vocabulary.AdaptiveSoftmax && !isAdaptive)
        {
            throw new ArgumentException("The option Network.Initialization.Model holds a language model without an adaptive softmax, which goes on without "
                + "one: leave Vocabulary.AdaptiveSoftmax false.", "Network.Initialization.Model");
        }
        if (options.Vocabulary.SampledTokens is not null && isAdaptive)
        {
            throw new ArgumentException("The option Network.Initialization.Model holds a language model with an adaptive softmax, which goes on with it: "
                + "leave Vocabulary.SampledTokens null.", "Network.Initialization.Model");
        }
    }

    private AdaptiveSoftmaxDescription? Divide(int vocabulary, TrainingChannel channel)
    {
        // The division hardly depends on the size of the states.
        var (size, divisor) = (options.Network.StateSize, options.Vocabulary.ClusterDivisor);
        var counts = _counts.OrderDescending().ToArray();
        var cutoffs = options.Vocabulary.Cutoffs ?? AdaptiveCutoffs.Choose(counts, size, divisor);
        if (cutoffs.Length == 0)
        {
            channel.Info($"A full softmax is as fast as an adaptive one for {vocabulary} tokens: it is used.");
            return null;
        }
        if (cutoffs[^1] >= vocabulary)
        {
            throw new ArgumentOutOfRangeException("Vocabulary.Cutoffs", cutoffs[^1],
                $"The option Vocabulary.Cutoffs must be less than the vocabulary, which has {vocabulary} tokens.");
        }
        channel.Info($"The adaptive softmax divides {vocabulary} tokens at {string.Join(", ", cutoffs)}; the first {cutoffs[0]} are "
            + $"{counts.Take(cutoffs[0]).Sum() / (double)counts.Sum():P0} of the text.");
        return new([.. cutoffs], divisor);
    }

    private (ITrainingSet Train, ITrainingSet? Validation) Streams(TokenCorpus corpus, TokenCorpus? held)
    {
        var (trainEnd, validationStart) = held is null
            ? StreamSet.Split(corpus, options.Stopping.ValidationShare)
            : (corpus.Tokens.Length, corpus.Tokens.Length);
        var count = options.BatchSizeFor(trainEnd - TokenCorpus.First);
        return (Set(corpus, TokenCorpus.First, trainEnd), held is not null ? Set(held, TokenCorpus.First, held.Tokens.Length)
            : validationStart < corpus.Tokens.Length ? Set(corpus, validationStart, corpus.Tokens.Length) : null);

        StreamSet Set(TokenCorpus tokens, int from, int to) => new(tokens, from, to, count, options.Batches.StepsPerBatch);
    }

    private (ITrainingSet Train, ITrainingSet? Validation) Rows(TokenCorpus corpus, TokenCorpus? held, ulong seed)
    {
        var rows = new TextRows(corpus);
        if (held is not null)
        {
            var others = new TextRows(held);
            return (new ExampleSet(rows), others.Count > 0 ? new ExampleSet(others) : null);
        }
        var (kept, aside) = RandomSplit.Split(rows.Count, [], options.Stopping.ValidationShare, seed);
        return (new ExampleSet(rows, kept), aside.Length > 0 ? new ExampleSet(rows, aside) : null);
    }

    // The key with that value, or the first id after the keys.
    private int? Marker(int afterKeys, LabelManifest? tokens) => options.Vocabulary.EndOfSentence is not { } text ? null
        : tokens is { Kind: LabelKind.Text } && tokens.Values.IndexOf(text) is >= 0 and var key ? key + 1 : afterKeys;
}
