using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Onnx.Format;

namespace Microsoft.ML.Recurrent.Tagging;

/// <summary>Tagging: a class for each step of a sequence and, on request, one of the whole sequence.</summary>
internal sealed class TaggingTask : SequenceTask
{
    public const string PredictedSequenceLabel = "PredictedSequenceLabel", SequenceScore = "SequenceScore";

    public static readonly TaggingTask Instance = new();

    public override ModelTask Name => ModelTask.Tagging;

    public override LabelRole Label => LabelRole.StepKeys;

    public override ImmutableArray<ValidationMetric> Metrics => [ValidationMetric.Loss, ValidationMetric.Accuracy, ValidationMetric.F1Score];

    public override string ScoreKind => "SequenceClassification";

    // The constraints of tags come from the data.
    public override bool KeepsHead => false;

    public override (float Scale, float Offset)? ScoreUnit(RecurrentModel model, int output) => (1, 0);

    public override ImmutableArray<OutputColumn> Outputs(int numbers) =>
        [new("PredictedLabel", OutputKind.Key) { PerStep = true }, new("Score", OutputKind.Single, numbers) { PerStep = true }];

    /// <summary>The columns of the label of a whole sequence.</summary>
    public static ImmutableArray<OutputColumn> SequenceOutputs(int classes) =>
        [new(PredictedSequenceLabel, OutputKind.Key), new(SequenceScore, OutputKind.Single, classes)];

    public override IEnumerable<SchemaShape.Column> OutputShapes(SchemaShape.Column label) =>
        [ColumnShapes.PredictedKeys(label), ColumnShapes.StepScores(label)];

    /// <summary>The schema shapes of the class of the whole sequence before training.</summary>
    public static IEnumerable<SchemaShape.Column> SequenceShapes(SchemaShape.Column label) =>
        [ColumnShapes.PredictedKey(label, PredictedSequenceLabel), ColumnShapes.Numbers(SequenceScore, SchemaShape.Column.VectorKind.Vector, named: true)];

    public override Head? ScoringHead(RecurrentModel model, Network network)
    {
        var description = network.Description;
        if (model.Manifest.Outputs is not [{ Kind: OutputKind.Key, PerStep: true }, { Kind: OutputKind.Single, PerStep: true }, ..]) return null;
        var head = new TaggingHead(description.Outputs, description.SequenceOutputs) { Crf = network.Crf };
        if (model.HasParameter(TaggingHead.ForbiddenName)) head.Constrain();
        return head;
    }

    public override ImmutableArray<string> SlotNames(ModelManifest manifest, OutputColumn output) =>
        output.Name == SequenceScore && manifest.SequenceLabel is { Kind: LabelKind.Text } label ? label.Values : [];

    public override LabelManifest? LabelOf(ModelManifest manifest, OutputColumn output) =>
        output.Name is PredictedSequenceLabel or SequenceScore ? manifest.SequenceLabel : manifest.Label;

    public override (ModelProto Graph, ModelManifest Manifest) StepForm(RecurrentModel model) => throw new NotSupportedException(
        "A tagger reads the whole sequence before it answers, so it cannot be scored step by step: give whole sequences.");

    // The tags may differ from those of the initial model: key values tell which are the same.
    public override KeyMap? MapOutputs(int known, int wanted, ModelManifest there, ModelManifest here, KeyMap? tokens) =>
        KeyMap.Find("tags", known, wanted, there.Label, here.Label);
}
