using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Regression;

/// <summary>Regression on sequences.</summary>
internal sealed class RegressionTask : SequenceTask
{
    public static readonly RegressionTask Instance = new();

    public override ModelTask Name => ModelTask.Regression;

    public override LabelRole Label => LabelRole.Number;

    public override ImmutableArray<ValidationMetric> Metrics =>
        [ValidationMetric.Loss, ValidationMetric.MeanAbsoluteError, ValidationMetric.RootMeanSquaredError];

    public override string ScoreKind => "Regression";

    public override bool SingleNumbersAreScalars => true;

    public override ImmutableArray<OutputColumn> Outputs(int numbers) => [new("Score", OutputKind.Single)];

    public override Head? ScoringHead(RecurrentModel model, Network network) =>
        model.Manifest.Outputs is [{ Kind: OutputKind.Single, Size: 1, PerStep: false }] ? new RegressionHead(default, new Moments(1)) : null;

    public override IEnumerable<SchemaShape.Column> OutputShapes(SchemaShape.Column label) => [ColumnShapes.Score()];
}
