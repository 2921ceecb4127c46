using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Learns one of two classes from a sequence by a recurrent network. The label is <c>Boolean</c>; the transformer adds <c>PredictedLabel</c> (Boolean), <c>Score</c> (the
/// logit) and <c>Probability</c>, which needs no calibration.
/// </summary>
public sealed class RecurrentBinaryTrainer : SequenceTrainer<RecurrentBinaryTransformer>
{
    internal RecurrentBinaryTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentBinaryTrainer), options, LabelRole.Boolean)
    {
    }

    /// <summary>Options of <see cref="RecurrentBinaryTrainer"/>.</summary>
    public sealed class Options : SequenceTrainerOptions
    {
    }

    private protected override IEnumerable<SchemaShape.Column> OutputColumns(SchemaShape schema) => [ColumnShapes.PredictedBoolean, ColumnShapes.Score(), ColumnShapes.Probability];

    private protected override SequenceTask CreateTask(RowColumns columns, RowExamples examples, int[] train) => new(1, new ModelManifest
    {
        Task = ModelTask.Binary,
        Inputs = columns.Inputs(),
        Outputs = [new(DefaultColumnNames.PredictedLabel, OutputKind.Boolean), new(DefaultColumnNames.Score, OutputKind.Single), new(DefaultColumnNames.Probability, OutputKind.Single)],
    }, static _ => new BinaryHead());

    private protected override RecurrentBinaryTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
