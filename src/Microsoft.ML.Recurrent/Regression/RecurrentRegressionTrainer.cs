using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Regression;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Trains a recurrent network for regression on sequences. The label is <c>Single</c>, <c>Vector&lt;Single, n&gt;</c> for n outputs, or
/// <c>Vector&lt;Single, *&gt;</c> (<c>Vector&lt;Single, *, k&gt;</c>) for one number (or k) per step. The transformer adds <c>Score</c>, of the label's type
/// and in its unit. A number of a vector that is NaN is left out of the loss.
/// </summary>
public sealed class RecurrentRegressionTrainer : SequenceTrainer<RecurrentRegressionTransformer>
{
    internal RecurrentRegressionTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentRegressionTrainer), options)
    {
    }

    /// <summary>Options of <see cref="RecurrentRegressionTrainer"/>.</summary>
    public sealed class Options : SequenceTrainerOptions
    {
        /// <summary>The loss. Default: the squared error.</summary>
        public RegressionLossOptions Loss { get; set => field = OptionChecks.NotNull(value); } = new();

        /// <summary>
        /// Whether a label of known size, <c>Vector&lt;Single, T&gt;</c> or <c>Vector&lt;Single, T, k&gt;</c>, has numbers for each of the T steps of the
        /// sequence. One of varying size always has. Default: false, each number of such a label is an output of the whole sequence.
        /// </summary>
        public bool LabelPerStep { get; set; }

        internal override RecurrentTask Task => RegressionTask.Instance;

        internal override void Check()
        {
            base.Check();
            Loss.Check();
        }

        internal override Head CreateHead(RowColumns columns, RowExamples examples, int[] train) =>
            new RegressionHead(Loss.Kind, Targets(columns, examples, train), Loss.HuberDelta, Loss.QuantileLevel);

        internal override RowColumnNames Columns(LabelRole role) => base.Columns(role) with { LabelPerStep = LabelPerStep };

        internal override IEnumerable<SchemaShape.Column> OutputShapes(SchemaShape schema, SchemaShape.Column label) =>
            LabelPerStep ? [ColumnShapes.Scores(SchemaShape.Column.VectorKind.VariableVector)] : base.OutputShapes(schema, label);

        internal override ImmutableArray<OutputColumn> Outputs(RowColumns columns, int numbers) =>
            [.. base.Outputs(columns, numbers).Select(output => output with
            {
                PerStep = IsPerStep(columns),
                IsVector = columns.LabelRole is LabelRole.Numbers,
            })];

        internal override ImmutableArray<LayerDescription> Layers(RowColumns columns, int? embeddingSize) =>
            IsPerStep(columns) ? NetworkBuilder.StepLayers(Network, embeddingSize) : base.Layers(columns, embeddingSize);

        internal override NetworkDescription Describe(RowColumns columns, NetworkDescription network)
        {
            if (!IsPerStep(columns)) return network;
            CheckAnswersAtEachStep("a regression per step");
            if (Network.Pooling is not (null or SequencePooling.Last))
            {
                throw new OptionChecks("Network").Refused(nameof(Network.Pooling),
                    $"has no effect on a label per step ('{LabelColumnName}'), which takes the states of all steps: leave it at its default.");
            }
            return network with { PerStep = true };
        }

        internal override LabelManifest? OutputNames(RowColumns columns) =>
            columns.LabelRole is LabelRole.Numbers && LabelReader.SlotNames(columns.Label) is { Length: > 0 } names ? new(LabelKind.Text, [.. names]) : null;

        private static bool IsPerStep(RowColumns columns) => columns.LabelRole is LabelRole.StepNumbers;

        private static Moments Targets(RowColumns columns, RowExamples examples, int[] train)
        {
            var moments = examples.TargetMoments(train);
            for (var i = 0; i < moments.Channels; i++)
            {
                if (moments.Count(i) == 0)
                {
                    throw new ArgumentException($"The label column '{columns.Label.Name}' has no number at index {i} in any row of the training part: leave "
                        + "that output out.", "trainData");
                }
            }
            return moments;
        }
    }

    private protected override RecurrentRegressionTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
