namespace Microsoft.ML.Recurrent.Tests.Fixtures;

/// <content>Sequences of tokens.</content>
internal static partial class FixtureCases
{
    /// <summary>The language model, of which a text is kept.</summary>
    public const string Language = "language-model";

    private static IEnumerable<FixtureCase> Texts()
    {
        yield return new FixtureCase<TextRow>("token-classifier", ["Score", "PredictedLabel"], FixtureData.Words(120, 1), FixtureData.Words(15, 2),
            (context, initial) => context.Transforms.Conversion.MapValueToKey("Key", "Class")
                .Append(context.Transforms.Conversion.MapValueToKey("Tokens", "Words"))
                .Append(context.MulticlassClassification.Trainers.RecurrentNetwork(
                    Small(new RecurrentMulticlassTrainer.Options
                    {
                        LabelColumnName = "Key",
                        FeatureColumnName = "Tokens",
                        Features = { EmbeddingSize = 5 },
                    }, initial))));

        yield return new FixtureCase<TextRow>(Language, ["LogProbabilities", "Perplexity", "Next"], FixtureData.Words(150, 3), FixtureData.Words(12, 4),
            (context, initial) => context.Transforms.Conversion.MapValueToKey("Tokens", "Words").Append(context.Transforms.Text.LanguageModelByRecurrentNetwork(
                Small(new RecurrentLanguageModelEstimator.Options
                {
                    Output = { PerplexityColumnName = "Perplexity", NextTokenColumnName = "Next" },
                    Vocabulary = { EmbeddingSize = 5, TieWeights = true },
                    Batches = { StepsPerBatch = 8 },
                }, initial, epochs: 20))));
    }
}
