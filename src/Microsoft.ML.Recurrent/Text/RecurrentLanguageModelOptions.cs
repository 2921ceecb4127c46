using Microsoft.ML.Recurrent.Text;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

public sealed partial class RecurrentLanguageModelEstimator
{
    /// <summary>
    /// Options of <see cref="RecurrentLanguageModelEstimator"/>. <see cref="RecurrentTrainerOptions.BatchSize"/> is the number of parallel streams into which
    /// the text is cut (default: 4 for short texts to 20 for long ones); where <see cref="Stateful"/> is off, of rows.
    /// <see cref="RecurrentTrainerOptions.DropoutRate"/> also holds behind the embedding. Losses are means over tokens, in nats.
    /// </summary>
    public sealed class Options : RecurrentTrainerOptions
    {
        // About as many steps of the optimizer an epoch as other trainers make, and a batch that is worth its while.
        private const int LeastStreams = 4, MostStreams = 20, StepsAnEpoch = 64;

        /// <summary>
        /// The column of the log-probabilities that is added, <c>Vector&lt;Single&gt;</c>, one for each token of the row. Default: "LogProbabilities".
        /// </summary>
        public string OutputColumnName { get; set; } = "LogProbabilities";

        /// <summary>The tokens: a vector of keys (mlContext.Transforms.Conversion.MapValueToKey makes them of texts). Default: "Tokens".</summary>
        public string InputColumnName { get; set; } = "Tokens";

        /// <summary>A column of <c>Single</c> that is added with each row's perplexity. Default: null, none.</summary>
        public string? PerplexityColumnName { get; set; }

        /// <summary>
        /// A column that is added with the probabilities of the token that follows the row, <c>Vector&lt;Single&gt;</c>: number i is that of key i + 1; behind
        /// the keys stands the end of the sentence where it is no key. Default: null, none.
        /// </summary>
        public string? NextTokenColumnName { get; set; }

        /// <summary>Size of a token's vector, at least 1. Default: null, that of the recurrent layers' state.</summary>
        public int? EmbeddingSize { get; set; }

        /// <summary>
        /// Whether the text is one: rows go on with each other, and the network's states are carried over them, in training and in
        /// <see cref="RecurrentLanguageModelTransformer.Evaluate(IDataView, bool?)"/>. Else each row stands for itself. Default: true.
        /// </summary>
        public bool Stateful { get; set; } = true;

        /// <summary>
        /// Steps through which the gradient goes back at once (truncated back-propagation through time), at least 1; of no effect where <see cref="Stateful"/>
        /// is off. Default: 20.
        /// </summary>
        public int StepsPerBatch { get; set; } = 20;

        /// <summary>
        /// Whether the gradient is that of the loss summed over a row's steps and averaged over rows (Zaremba et al. 2014), instead of averaged over both: with
        /// plain gradient descent a step is longer by the number of steps. The losses that are told are means over tokens all the same. Default: false.
        /// </summary>
        public bool SumLossOverSteps { get; set; }

        /// <summary>
        /// Whether the map to the vocabulary uses the embedding's table (Press and Wolf 2017): fewer parameters, and often a better model. Where the sizes of
        /// embedding and state differ, a dense layer between them makes them the same. Default: false.
        /// </summary>
        public bool TieWeights { get; set; }

        /// <summary>
        /// For large vocabularies: the number of other words against which the true one is learned, drawn anew for each batch (sampled soft-max, Jean et al.
        /// 2015), at least 1; training then takes much less time a step, and the training loss is that of the sample. Validation and the model use the whole
        /// vocabulary. Default: null, all words.
        /// </summary>
        public int? SampledTokens { get; set; }

        /// <summary>
        /// The token that is put after each row, so that a model learns where rows end, and how they begin. It may be among the keys' values or not; a row that
        /// ends with it gets no second one. Null joins the rows as they are (one row with a whole text of characters, say). Default: "&lt;eos&gt;".
        /// </summary>
        public string? EndOfSentence { get; set; } = "<eos>";

        internal override RecurrentTask Task => LanguageModelTask.Instance;

        internal override void Check()
        {
            base.Check();
            Name(OutputColumnName);
            Name(InputColumnName);
            if (PerplexityColumnName is not null) Name(PerplexityColumnName);
            if (NextTokenColumnName is not null) Name(NextTokenColumnName);
            if (EmbeddingSize is { } size) AtLeastOne(size, nameof(EmbeddingSize));
            AtLeastOne(StepsPerBatch);
            if (SampledTokens is { } samples) AtLeastOne(samples, nameof(SampledTokens));
            if (EndOfSentence is { Length: 0 })
                throw new ArgumentException("The option EndOfSentence must not be empty: name a token, or give null for none.", nameof(EndOfSentence));
            if (Bidirectional)
                throw new ArgumentException(
                    "The option Bidirectional must be false: a language model reads from left to right, and would see the token that it has to foretell.",
                    nameof(Bidirectional));
            if (Pooling is not SequencePooling.Last)
                throw new ArgumentException("The option Pooling has no meaning for a language model, which answers at every step: leave it as it is.",
                    nameof(Pooling));
            if (StaticColumnNames.Length > 0)
                throw new ArgumentException("The option StaticColumnNames has no meaning for a language model: leave it empty.", nameof(StaticColumnNames));
        }

        // Vectors of nearly 0 hold a recurrent network up for long; as rows of the map to the vocabulary long ones would make wild answers.
        private protected override WeightInitializer DefaultEmbeddingInitializer => WeightInitializer.Normal(TieWeights ? 0.2f : 1);

        internal override int BatchSizeFor(int examples) =>
            !Stateful ? base.BatchSizeFor(examples) : BatchSize ?? Math.Clamp(examples / (StepsAnEpoch * StepsPerBatch), LeastStreams, MostStreams);

        internal override TrainingSettings Settings(ulong seed) => base.Settings(seed) with { SumLossOverSteps = SumLossOverSteps };
    }
}
