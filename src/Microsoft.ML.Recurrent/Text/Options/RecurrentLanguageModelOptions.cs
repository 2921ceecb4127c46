using Microsoft.ML.Recurrent.Text;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

public sealed partial class RecurrentLanguageModelEstimator
{
    /// <summary>
    /// Options of <see cref="RecurrentLanguageModelEstimator"/>. <see cref="OptimizerOptions.BatchSize"/> is the number of parallel streams into which the text
    /// is cut; unless <see cref="TextBatchOptions.Stateful"/>, of rows. Losses are means over tokens, in nats.
    /// </summary>
    [NotSearched("Network.Pooling")]
    public sealed class Options : RecurrentTrainerOptions
    {
        // About as many optimizer steps per epoch as other trainers, and a batch of efficient size.
        private const int LeastStreams = 4, MostStreams = 20, StepsAnEpoch = 64;

        /// <summary>The column of tokens: a vector of keys (mlContext.Transforms.Conversion.MapValueToKey makes them of texts). Default: "Tokens".</summary>
        public string InputColumnName { get; set; } = "Tokens";

        /// <summary>Tokens and their embedding. Default: an embedding of the state's size, "&lt;eos&gt;" at the end of rows.</summary>
        public VocabularyOptions Vocabulary { get; set => field = OptionChecks.NotNull(value); } = new();

        /// <summary>How the text is cut into batches. Default: all rows are one text, in batches of 20 steps.</summary>
        public TextBatchOptions Batches { get; set => field = OptionChecks.NotNull(value); } = new();

        /// <summary>The columns that are added. Default: log-probabilities in the column "LogProbabilities".</summary>
        public LanguageModelOutputOptions Output { get; set => field = OptionChecks.NotNull(value); } = new();

        internal override RecurrentTask Task => LanguageModelTask.Instance;

        internal override void Check()
        {
            base.Check();
            new OptionChecks().Column(InputColumnName);
            Vocabulary.Check();
            Batches.Check();
            if (Batches.Stateful)
            {
                Optimizer.Gradients.RefuseMaximumSteps("a stateful language model reads streams, which are all equally long: set Optimizer.BatchSize and "
                    + "Batches.StepsPerBatch.");
            }
            Output.Check();
            var network = new OptionChecks(nameof(Network));
            if (Network.Bidirectional is true)
                throw network.Refused(nameof(Network.Bidirectional),
                    "must be false: a language model reads from left to right, and would see the token that it has to predict.");
            if (Network.Pooling is not (null or SequencePooling.Last))
                throw network.Refused(nameof(Network.Pooling), "has no effect on a language model, which has per-step outputs: leave it at its default.");
        }

        // Embeddings near 0 slow down training; with tied weights, large ones would give extreme logits.
        private protected override WeightInitializer DefaultEmbeddingInitializer => WeightInitializer.Normal(Vocabulary.TieWeights ? 0.2f : 1);

        internal override int BatchSizeFor(int examples) => !Batches.Stateful ? base.BatchSizeFor(examples)
            : Optimizer.BatchSize ?? Math.Clamp(examples / (StepsAnEpoch * Batches.StepsPerBatch), LeastStreams, MostStreams);

        internal override TrainingSettings Settings(ulong seed) => base.Settings(seed) with
        {
            SumLossOverSteps = Batches.SumLossOverSteps,
            HasPerplexity = true,
        };
    }
}
