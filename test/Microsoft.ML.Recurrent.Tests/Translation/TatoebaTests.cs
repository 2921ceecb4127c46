using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Tests.Translation;

/// <summary>English to French, on short sentences of Tatoeba.</summary>
[TestClass]
public sealed class TatoebaTests
{
    [TestMethod]
    public void A_small_model_translates_short_sentences()
    {
        var context = new MLContext(1);
        // The first rows of both files are the shortest sentences.
        var (train, test) = (Rows("train.tsv", 4000), Rows("test.tsv", 150));
        var rows = context.Data.LoadFromEnumerable(train);
        var target = context.Transforms.Text.TokenizeForRecurrent("FrenchTokens", "French", lowerCase: true)
            .Append(context.Transforms.Text.BuildVocabulary("Target", "FrenchTokens", minimumCount: 2)).Fit(rows).Transform(rows);
        var options = new RecurrentTranslationEstimator.Options
        {
            Network = { HiddenSize = 64, Regularization = { DropoutRate = 0.2f } },
            Decoder = { SourceEmbeddingSize = 64, TargetEmbeddingSize = 64, TieEmbeddings = true },
            Optimizer = { LearningRate = 5e-3f, BatchSize = 32 },
            Stopping = { MaximumNumberOfEpochs = 9, ValidationFraction = 0.05f },
            Seed = 1,
        };
        var model = context.Transforms.Text.TokenizeForRecurrent("EnglishTokens", "English", lowerCase: true)
            .Append(context.Transforms.Text.BuildVocabulary("Source", "EnglishTokens", minimumCount: 2))
            .Append(context.Transforms.Text.TranslateByRecurrentNetwork(options)).Fit(target);
        var history = model.LastTransformer.Model.History;
        NumberAssert.IsLessThan(0.55 * history.Epochs[0].ValidationPerplexity!.Value, history.Epochs[history.BestEpoch - 1].ValidationPerplexity!.Value);

        // References as the model writes: lower case, tokens joined by blanks.
        var references = context.Transforms.Text.TokenizeForRecurrent("FrenchTokens", "French", lowerCase: true)
            .Append(context.Transforms.CustomMapping<Tokens, Reference>((from, to) => to.Wanted = string.Join(' ', from.FrenchTokens), null));
        var held = context.Data.LoadFromEnumerable(test);
        var translated = references.Fit(held).Transform(model.Transform(held));
        var metrics = context.Transforms.Text.EvaluateTranslations(translated, "Wanted", "Translation", new() { Tokenization = BleuTokenization.None });
        // The sentence of training that is nearest in words gives less.
        NumberAssert.IsGreaterThan(Nearest(context, train, test), metrics.Bleu, metrics.ToString());
    }

    // The translation of the training sentence with the greatest share of words in common (Jaccard).
    private static double Nearest(MLContext context, Row[] train, Row[] test)
    {
        var words = train.Select(row => row.English.ToLowerInvariant().Split(' ').ToHashSet()).ToArray();
        var found = test.Select(row =>
        {
            var own = row.English.ToLowerInvariant().Split(' ').ToHashSet();
            var best = Enumerable.Range(0, train.Length).MaxBy(i => (double)own.Count(words[i].Contains) / own.Union(words[i]).Count());
            return new Pair { Wanted = row.French.ToLowerInvariant(), Translation = train[best].French.ToLowerInvariant() };
        });
        return context.Transforms.Text.EvaluateTranslations(context.Data.LoadFromEnumerable(found), "Wanted", "Translation").Bleu;
    }

    private static Row[] Rows(string file, int count) =>
        [.. File.ReadLines(SharedFolder.Find("data", "tatoeba_en_fr", file)).Take(count).Select(line => line.Split('\t'))
            .Select(cells => new Row { English = cells[0], French = cells[1] })];

    public sealed class Row
    {
        public string English { get; set; } = "";

        public string French { get; set; } = "";
    }

    public sealed class Tokens
    {
        public string[] FrenchTokens { get; set; } = [];
    }

    public sealed class Reference
    {
        public string Wanted { get; set; } = "";
    }

    public sealed class Pair
    {
        public string Wanted { get; set; } = "";

        public string Translation { get; set; } = "";
    }
}
