using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Regression;

/// <summary>Regression on sequences: a number or several per sequence, or per step.</summary>
internal sealed class RegressionTask : SequenceTask
{
    public static readonly RegressionTask Instance = new();

    public override ModelTask Name => ModelTask.Regression;

    public override LabelRole Label => LabelRole.AnyNumbers;

    public override ImmutableArray<ValidationMetric> Metrics =>
        [ValidationMetric.Loss, ValidationMetric.MeanAbsoluteError, ValidationMetric.RootMeanSquaredError];

    public override string ScoreKind => "Regression";

    public override bool SingleNumbersAreScalars => true;

    public override (float Scale, float Offset)? ScoreUnit(RecurrentModel model, int output) =>
        (model.HeadParameter(RegressionHead.ScaleName)[output], model.HeadParameter(RegressionHead.MeanName)[output]);

    public override ImmutableArray<OutputColumn> Outputs(int numbers) => [new("Score", OutputKind.Single, numbers)];

    public override Head? ScoringHead(RecurrentModel model, Network network) =>
        model.Manifest.Outputs is [{ Kind: OutputKind.Single } score] && score.PerStep == network.Description.PerStep
            ? new RegressionHead(default, new Moments(network.Description.Outputs))
            : null;

    public override IEnumerable<SchemaShape.Column> OutputShapes(SchemaShape.Column label) => [ColumnShapes.Scores(label.Kind)];

    // The names of the outputs are not values of a label.
    public override LabelManifest? LabelOf(ModelManifest manifest, OutputColumn output) => null;

    public override ImmutableArray<string> SlotNames(ModelManifest manifest, OutputColumn output) => output.PerStep ? [] : manifest.Label?.Values ?? [];
}
