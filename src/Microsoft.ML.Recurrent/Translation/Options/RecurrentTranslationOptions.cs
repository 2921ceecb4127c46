using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Recurrent.Translation;

namespace Microsoft.ML.Recurrent;

public sealed partial class RecurrentTranslationEstimator
{
    /// <summary>
    /// Options of <see cref="RecurrentTranslationEstimator"/>. Its defaults differ from those of other trainers: an encoder with a state of 128 in each of two
    /// directions, dropout of 0.3, also after the embeddings, and a learning rate of 0.001. <see cref="NetworkOptions"/> describe the encoder. Losses are
    /// means over target tokens, the end token included, in nats.
    /// </summary>
    [NotSearched("Network.Pooling")]
    public sealed class Options : RecurrentTrainerOptions
    {
        internal const int DefaultStateSize = 128, DefaultLength = 100;

        internal const float DefaultDropoutRate = 0.3f, DefaultLearningRate = 1e-3f;

        /// <summary>Creates options with these defaults.</summary>
        public Options() => (Network.HiddenSize, Optimizer.LearningRate) = (DefaultStateSize, DefaultLearningRate);

        /// <summary>
        /// The column of the source tokens: a vector of keys with text as key values (mlContext.Transforms.Text.BuildVocabulary makes them of texts).
        /// Default: "Source".
        /// </summary>
        public string SourceColumnName { get; set; } = "Source";

        /// <summary>The column of the target tokens, likewise. It is read in training only. Default: "Target".</summary>
        public string TargetColumnName { get; set; } = "Target";

        /// <summary>
        /// The most tokens of a source or target in training and validation, at least 1: rows with a longer one are left out, with a warning that counts them.
        /// It does not limit what is translated. Default: 100.
        /// </summary>
        public int MaximumTrainingLength { get; set; } = DefaultLength;

        /// <summary>The decoder and the embeddings. Default: attention, embeddings of 256, labels smoothed by 0.1.</summary>
        public TranslationDecoderOptions Decoder { get; set => field = OptionChecks.NotNull(value); } = new();

        /// <summary>The search for the best text; a transformer's own may be changed later. Default: a beam of 5.</summary>
        public BeamSearchOptions Search { get; set => field = OptionChecks.NotNull(value); } = new();

        /// <summary>What happens to tokens that the target's vocabulary lacks. Default: they are not written.</summary>
        public UnknownTokenOptions UnknownTokens { get; set => field = OptionChecks.NotNull(value); } = new();

        /// <summary>The columns that are added. Default: the text in the column "Translation".</summary>
        public TranslationOutputOptions Output { get; set => field = OptionChecks.NotNull(value); } = new();

        internal override RecurrentTask Task => TranslationTask.Instance;

        private protected override int DefaultPatience => 5;

        // As of language models: embeddings near 0 slow down training; with tied weights, large ones would give extreme logits.
        private protected override WeightInitializer DefaultEmbeddingInitializer => WeightInitializer.Normal(Decoder.TieEmbeddings ? 0.2f : 1);

        internal override void Check()
        {
            base.Check();
            var checks = new OptionChecks();
            checks.Column(SourceColumnName);
            checks.Column(TargetColumnName);
            checks.AtLeastOne(MaximumTrainingLength);
            if (SourceColumnName == TargetColumnName)
                throw checks.Refused(nameof(TargetColumnName), $"must differ from {nameof(SourceColumnName)}: a model would only learn to copy.");
            Decoder.Check();
            Search.Check();
            UnknownTokens.Check(Decoder.Attention is not null);
            Output.Check(Decoder.Attention is not null);
            CheckSearch(Search, Decoder.Attention is not null);
            if (Network.Pooling is not null)
            {
                throw new OptionChecks(nameof(Network)).Refused(nameof(Network.Pooling),
                    "has no effect on a translation, whose decoder reads all steps: leave it at its default.");
            }
        }

        /// <summary>Refuses a penalty that needs what a model lacks.</summary>
        internal static void CheckSearch(BeamSearchOptions search, bool attends)
        {
            if (search.CoveragePenalty > 0 && !attends)
            {
                throw new OptionChecks(nameof(Search)).Refused(nameof(search.CoveragePenalty),
                    "needs attention, which the model lacks: leave it 0, or train with Decoder.Attention.");
            }
        }

        internal override Training.TrainingSettings Settings(ulong seed) => base.Settings(seed) with
        {
            TeacherForcing = Decoder.TeacherForcing,
            HasPerplexity = true,
        };
    }
}
