using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Classification;

/// <summary>Multiclass classification of sequences.</summary>
internal sealed class MulticlassTask : SequenceTask
{
    public static readonly MulticlassTask Instance = new();

    public override ModelTask Name => ModelTask.Multiclass;

    public override LabelRole Label => LabelRole.Key;

    public override ImmutableArray<ValidationMetric> Metrics => [ValidationMetric.Loss, ValidationMetric.Accuracy, ValidationMetric.F1Score];

    public override string ScoreKind => "MulticlassClassification";

    public override (float Scale, float Offset)? ScoreUnit(RecurrentModel model, int output) => (1, 0);

    public override ImmutableArray<OutputColumn> Outputs(int numbers) =>
        [new("PredictedLabel", OutputKind.Key), new("Score", OutputKind.Single, numbers)];

    public override IEnumerable<SchemaShape.Column> OutputShapes(SchemaShape.Column label) =>
        [ColumnShapes.PredictedKey(label), ColumnShapes.ClassScores(label)];

    public override Head? HeadOf(OutputActivation activation, int numbers) =>
        activation is OutputActivation.Softmax or OutputActivation.LogSoftmax ? new MulticlassHead(numbers) : null;

    public override Head? ScoringHead(RecurrentModel model, Network network) =>
        model.Manifest.Outputs is [{ Kind: OutputKind.Key }, { Kind: OutputKind.Single, PerStep: false } scores] ? new MulticlassHead(scores.Size) : null;

    public override ImmutableArray<string> SlotNames(ModelManifest manifest, OutputColumn output) =>
        output.Kind is OutputKind.Single && manifest.Label is { Kind: LabelKind.Text } label ? label.Values : [];

    // The classes may differ from those of the initial model: key values tell which are the same.
    public override KeyMap? MapOutputs(int known, int wanted, ModelManifest there, ModelManifest here, KeyMap? tokens) =>
        KeyMap.Find("classes", known, wanted, there.Label, here.Label);
}
