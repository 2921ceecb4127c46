using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Translation;

/// <summary>A small language and its translation: letters become words, in reverse order; a letter after "not" becomes another word.</summary>
internal static class SmallTranslations
{
    public static readonly MLContext Context = new(1);

    private static readonly string[] s_letters = ["a", "b", "c", "d", "e", "f"], s_words = ["ant", "bee", "cat", "dog", "eel", "fox"];

    public sealed class Pair
    {
        public string[] Letters { get; set; } = [];

        public string[] Words { get; set; } = [];
    }

    /// <summary>Sources alone.</summary>
    public sealed class Source
    {
        public string[] Letters { get; set; } = [];
    }

    /// <summary>What a model writes for a row.</summary>
    public sealed class Answer
    {
        public string Translation { get; set; } = "?";

        public string[] Tokens { get; set; } = ["?"];

        public float LogProbability { get; set; } = 1;

        public float Score { get; set; } = 1;

        public bool IsComplete { get; set; }

        public string[] Texts { get; set; } = ["?"];

        public float[] Scores { get; set; } = [1];

        public float[] Attention { get; set; } = [1];
    }

    public static Pair[] Draw(int count, int seed, int most = 4)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            int[] letters = [.. Enumerable.Range(0, random.Next(1, most + 1)).Select(_ => random.Next(s_letters.Length))];
            return new Pair { Letters = [.. letters.Select(letter => s_letters[letter])], Words = [.. letters.Reverse().Select(letter => s_words[letter])] };
        })];
    }

    /// <summary>The mapping of the source, and rows with the keys of both sides.</summary>
    public static (ITransformer Mapping, IDataView Keys) Keys(int count = 400, int seed = 1) => Keys(Draw(count, seed));

    public static (ITransformer Mapping, IDataView Keys) Keys(Pair[] pairs, int minimumCount = 1)
    {
        var rows = Context.Data.LoadFromEnumerable(pairs);
        var target = Context.Transforms.Text.BuildVocabulary("Target", "Words", minimumCount).Fit(rows).Transform(rows);
        var mapping = Context.Transforms.Text.BuildVocabulary("Source", "Letters", minimumCount).Fit(target);
        return (mapping, mapping.Transform(target));
    }

    public static RecurrentTranslationEstimator.Options Options() => new()
    {
        Network = { HiddenSize = 16, Regularization = { DropoutRate = 0 } },
        Decoder = { SourceEmbeddingSize = 12, TargetEmbeddingSize = 12, LabelSmoothing = 0 },
        Optimizer = { LearningRate = 0.01f, BatchSize = 16 },
        Stopping = { MaximumNumberOfEpochs = 14 },
        Search = { BeamSize = 3 },
        Output =
        {
            TokensColumnName = "Tokens", LogProbabilityColumnName = "LogProbability", ScoreColumnName = "Score", IsCompleteColumnName = "IsComplete",
            TextsColumnName = "Texts", ScoresColumnName = "Scores", AttentionColumnName = "Attention",
        },
        Seed = 1,
    };

    public static RecurrentTranslationTransformer Train(IDataView keys, RecurrentTranslationEstimator.Options? options = null, IDataView? validation = null) =>
        Context.Transforms.Text.TranslateByRecurrentNetwork(options ?? Options()).Fit(keys, validation);

    public static Answer[] Translate(ITransformer model, ITransformer mapping, params string[] sources) =>
        Read(model.Transform(mapping.Transform(Sources(sources))));

    public static IDataView Sources(params string[] sources) => Context.Data.LoadFromEnumerable(
        sources.Select(source => new Source { Letters = source.Split(' ', StringSplitOptions.RemoveEmptyEntries) }));

    public static Answer[] Read(IDataView view) => [.. Context.Data.CreateEnumerable<Answer>(view, reuseRowObject: false)];

    /// <summary>The share of exact texts for rows that training has not seen.</summary>
    public static double Exact(RecurrentTranslationTransformer model, ITransformer mapping, int count = 100)
    {
        var pairs = Draw(count, 99);
        var answers = Translate(model, mapping, [.. pairs.Select(pair => string.Join(' ', pair.Letters))]);
        return pairs.Zip(answers).Average(pair => string.Join(' ', pair.First.Words) == pair.Second.Translation ? 1.0 : 0);
    }
}
