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

        // All parts of a tagger at once: a conditional random field, constraints, characters and a class of the whole sequence.
        yield return new FixtureCase<TaggedTextRow>("tagger", ["Score", "PredictedLabel", "SequenceScore", "PredictedSequenceLabel"],
            FixtureData.TaggedWords(120, 5), FixtureData.TaggedWords(15, 6),
            (context, initial) => context.Transforms.Conversion.MapValueToKey("Key", "Class")
                .Append(context.Transforms.Conversion.MapValueToKey("Tokens", "Words"))
                .Append(context.Transforms.Conversion.MapValueToKey("Tag", "Tags"))
                .Append(context.MulticlassClassification.Trainers.SequenceTagging(
                    Small(new RecurrentTaggingTrainer.Options
                    {
                        LabelColumnName = "Tag",
                        FeatureColumnName = "Tokens",
                        Features = { EmbeddingSize = 5 },
                        Tags = { UseConditionalRandomField = true, BioConstraints = true, SequenceLabelColumnName = "Key" },
                        Characters = { TextColumnName = "Words", EmbeddingSize = 3, Size = 4, MaximumLength = 5 },
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
