using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Tagging;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Trains a recurrent network for tagging: a class for each step of a sequence, such as named entities, parts of speech or slots of the words of a sentence.
/// The label is a vector of keys, one per step, as that of ML.NET's own trainer of named entities; a missing key is left out of the loss. The transformer adds
/// <c>PredictedLabel</c> (a vector of keys with the values of the label) and <c>Score</c> (per step and tag, <c>Vector&lt;Single, *, tags&gt;</c>: the
/// probabilities or, with a conditional random field, its emission scores).
/// </summary>
public sealed class RecurrentTaggingTrainer : SequenceTrainer<RecurrentTaggingTransformer>
{
    internal RecurrentTaggingTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentTaggingTrainer), options)
    {
    }

    /// <summary>
    /// Options of <see cref="RecurrentTaggingTrainer"/>. Its defaults differ from those of other trainers: a bidirectional layer with a state of 100 in each
    /// direction, embeddings of 100, dropout of 0.5, also after the embedding, 10% of the tokens and half of those that come once read as unknown, weights
    /// averaged with a decay of 0.995, and the F1 score of the validation part to choose the best epoch.
    /// </summary>
    // Tags are answers at each step.
    [NotSearched("Network.Pooling")]
    public sealed class Options : SequenceTrainerOptions
    {
        /// <summary>Creates options with these defaults.</summary>
        public Options()
        {
            Network.HiddenSize = 100;
            Network.Regularization.Augmentation = new() { TokenDropout = 0.1f, RareTokenDropout = 0.5f };
            (Features.EmbeddingSize, Stopping.Metric) = (100, ValidationMetric.F1Score);
        }

        /// <summary>How tags are chosen, and a class of the whole sequence. Default: a soft-max at each step, no such class.</summary>
        public TagOptions Tags { get; set => field = OptionChecks.NotNull(value); } = new();

        /// <summary>Character features. Default: none.</summary>
        public CharacterOptions Characters { get; set => field = OptionChecks.NotNull(value); } = new();

        internal override RecurrentTask Task => TaggingTask.Instance;

        internal override void Check()
        {
            base.Check();
            Tags.Check();
            Characters.Check();
            CheckAnswersAtEachStep("a tagger");
        }

        internal override void ChooseDefaults(RowColumns columns, int examples, bool hasValidation)
        {
            Network.Bidirectional ??= true;
            Network.Regularization.DropoutRate ??= 0.5f;
            Optimizer.EmaDecay ??= 0.995f;
        }

        internal override RowColumnNames Columns(LabelRole role) => base.Columns(role) with
        {
            SequenceLabel = Tags.SequenceLabelColumnName,
            Letters = Characters.TextColumnName,
            MaximumLetters = Characters.MaximumLength,
        };

        internal override Head CreateHead(RowColumns columns, RowExamples examples, int[] train)
        {
            if (columns.Letters is not null && columns.Vocabulary == 0)
            {
                throw new OptionChecks("Characters").Refused(nameof(Characters.TextColumnName),
                    $"goes with tokens, but the column '{FeatureColumnName}' holds numbers: leave it out.");
            }
            // Tags that only an initial model knows are the last ones.
            var tags = KeyIds.Union(LabelReader.KeyValues(columns.Label), Network.Initialization.Model?.Manifest.Label);
            var entities = tags is { Kind: LabelKind.Text } ? EntityTags.Create(tags.Values) : null;
            var head = new TaggingHead(Count(columns.Label) + columns.ExtraClasses, SequenceClasses(columns), Tags.SequenceLossWeight, entities);
            if (!Tags.BioConstraints) return head;
            if (entities is not { IsBio: true })
            {
                throw new OptionChecks("Tags").Refused(nameof(Tags.BioConstraints),
                    $"needs labels whose key values are O, B-... and I-..., but those of the column '{columns.Label.Name}' are "
                        + $"{string.Join(", ", (LabelReader.KeyValues(columns.Label)?.Values ?? []).Take(5).Select(name => $"'{name}'"))}...: leave it false.");
            }
            head.Constrain(entities);
            return head;
        }

        internal override ImmutableArray<OutputColumn> Outputs(RowColumns columns, int numbers) =>
            columns.SequenceLabel is null ? base.Outputs(columns, numbers)
                : base.Outputs(columns, numbers).AddRange(TaggingTask.SequenceOutputs(SequenceClasses(columns)));

        internal override IEnumerable<SchemaShape.Column> OutputShapes(SchemaShape schema, SchemaShape.Column label) =>
            Tags.SequenceLabelColumnName is { } name
                ? base.OutputShapes(schema, label).Concat(TaggingTask.SequenceShapes(Data.Columns.Find(schema, name, "sequence label")))
                : base.OutputShapes(schema, label);

        internal override ImmutableArray<LayerDescription> Layers(RowColumns columns, int? embeddingSize) => NetworkBuilder.StepLayers(Network, embeddingSize);

        internal override NetworkDescription Describe(RowColumns columns, NetworkDescription network) => network with
        {
            PerStep = true,
            Crf = Tags.UseConditionalRandomField,
            SequenceOutputs = SequenceClasses(columns),
            Letters = columns.Letters is { } letters ? new(letters.Alphabet.Count, letters.Length, Characters.Layers()) : null,
        };

        internal override void Join(Head head, Network network) => ((TaggingHead)head).Crf = network.Crf;

        internal override void Complete(Network network, Head head, ITrainingSet validation, TrainingChannel channel)
        {
            var (bias, entities) = (network.HeadLayer.Bias, ((TaggingHead)head).Entities);
            if (!Tags.TuneEntityThreshold || entities is not { Outside: >= 0 and var outside } || !bias.Trainable) return;
            try
            {
                if (EntityThreshold.Find(network, head, entities, validation.Batches(NetworkFit.ValidationBatchSize), channel.Token) is not { } found) return;
                bias.Value[outside] += found.Shift;
                channel.Info(string.Create(CultureInfo.InvariantCulture,
                    $"The score of the tag O is shifted by {found.Shift}, which raises the F1 score of the entities of the validation part "
                        + $"from {found.Before:F4} to {found.After:F4}."));
            }
            catch (OperationCanceledException) when (channel.Token.IsCancellationRequested)
            {
                // A canceled fit returns what it has.
            }
        }

        private static int SequenceClasses(RowColumns columns) =>
            columns.SequenceLabel is { } whole ? Count(whole) + columns.ExtraSequenceClasses : 0;

        private static int Count(DataViewSchema.Column keys) => (int)((KeyDataViewType)Data.Columns.ItemType(keys.Type)).Count;
    }

    private protected override RecurrentTaggingTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
