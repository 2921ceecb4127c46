using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Classification;

/// <summary>Binary classification of sequences.</summary>
internal sealed class BinaryTask : SequenceTask
{
    private const string Probability = "Probability";

    public static readonly BinaryTask Instance = new();

    public override ModelTask Name => ModelTask.Binary;

    public override LabelRole Label => LabelRole.Boolean;

    public override ImmutableArray<ValidationMetric> Metrics =>
        [ValidationMetric.Loss, ValidationMetric.Accuracy, ValidationMetric.F1Score, ValidationMetric.AreaUnderRocCurve];

    public override string ScoreKind => "BinaryClassification";

    public override bool SingleNumbersAreScalars => true;

    public override (float Scale, float Offset)? ScoreUnit(RecurrentModel model) => (1, 0);

    public override ImmutableArray<OutputColumn> Outputs(int numbers) =>
        [new("PredictedLabel", OutputKind.Boolean), new("Score", OutputKind.Single), new(Probability, OutputKind.Single)];

    public override IEnumerable<SchemaShape.Column> OutputShapes(SchemaShape.Column label) =>
        [ColumnShapes.PredictedBoolean, ColumnShapes.Score(), ColumnShapes.Probability];

    public override Head? HeadOf(OutputActivation activation, int numbers) => activation is OutputActivation.Sigmoid && numbers == 1 ? new BinaryHead() : null;

    public override bool IsProbability(OutputColumn output) => output.Name == Probability;
}
