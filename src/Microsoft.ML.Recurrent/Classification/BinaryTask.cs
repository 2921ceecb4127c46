using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Classification;

/// <summary>Binary classification of sequences, by one label or by several that do not exclude each other.</summary>
internal sealed class BinaryTask : SequenceTask
{
    private const string Probability = "Probability";

    public static readonly BinaryTask Instance = new();

    public override ModelTask Name => ModelTask.Binary;

    public override LabelRole Label => LabelRole.AnyBooleans;

    public override ImmutableArray<ValidationMetric> Metrics =>
        [ValidationMetric.Loss, ValidationMetric.Accuracy, ValidationMetric.F1Score, ValidationMetric.AreaUnderRocCurve];

    public override string ScoreKind => "BinaryClassification";

    public override bool SingleNumbersAreScalars => true;

    public override (float Scale, float Offset)? ScoreUnit(RecurrentModel model, int output) => (1, 0);

    public override ImmutableArray<OutputColumn> Outputs(int numbers) =>
        [new("PredictedLabel", OutputKind.Boolean, numbers), new("Score", OutputKind.Single, numbers), new(Probability, OutputKind.Single, numbers)];

    public override IEnumerable<SchemaShape.Column> OutputShapes(SchemaShape.Column label) => label.Kind is SchemaShape.Column.VectorKind.Scalar
        ? [ColumnShapes.PredictedBoolean, ColumnShapes.Score(), ColumnShapes.Probability]
        : [ColumnShapes.OfLabels(ColumnShapes.PredictedBoolean, label), ColumnShapes.OfLabels(ColumnShapes.Score(), label),
            ColumnShapes.OfLabels(ColumnShapes.Probability, label)];

    // The names of several labels are not the values of one.
    public override LabelManifest? LabelOf(ModelManifest manifest, OutputColumn output) => null;

    public override ImmutableArray<string> SlotNames(ModelManifest manifest, OutputColumn output) => manifest.Label?.Values ?? [];

    // The labels may differ from those of the initial model: their names tell which are the same.
    public override KeyMap? MapOutputs(int known, int wanted, ModelManifest there, ModelManifest here, KeyMap? tokens) =>
        there.Outputs[0].IsVector && here.Outputs[0].IsVector ? KeyMap.Find("labels", known, wanted, there.Label, here.Label) : null;

    public override Head? HeadOf(OutputActivation activation, int numbers) => activation is OutputActivation.Sigmoid && numbers == 1 ? new BinaryHead() : null;

    public override Head? ScoringHead(RecurrentModel model, Network network) =>
        model.Manifest.Outputs is [{ Kind: OutputKind.Boolean }, _, { PerStep: false }] ? new BinaryHead(network.Description.Outputs) : null;

    public override bool IsProbability(OutputColumn output) => output.Name == Probability;
}
