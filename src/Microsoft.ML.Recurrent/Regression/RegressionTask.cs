using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;

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

    public override (float Scale, float Offset)? ScoreUnit(RecurrentModel model) =>
        (model.HeadParameter(RegressionHead.ScaleName)[0], model.HeadParameter(RegressionHead.MeanName)[0]);

    public override ImmutableArray<OutputColumn> Outputs(int numbers) => [new("Score", OutputKind.Single)];

    public override IEnumerable<SchemaShape.Column> OutputShapes(SchemaShape.Column label) => [ColumnShapes.Score()];
}
