using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Classification;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Learns one of several classes from a sequence by a recurrent network. The label is a key; the transformer adds <c>PredictedLabel</c> (a key with the label's values) and
/// <c>Score</c> (the classes' probabilities).
/// </summary>
public sealed class RecurrentMulticlassTrainer : SequenceTrainer<RecurrentMulticlassTransformer>
{
    private readonly SequenceTrainerOptions _options;

    internal RecurrentMulticlassTrainer(IHostEnvironment environment, Options options)
        : base(environment, nameof(RecurrentMulticlassTrainer), options, LabelRole.Key) => _options = (SequenceTrainerOptions)CheckedOptions;

    /// <summary>Options of <see cref="RecurrentMulticlassTrainer"/>.</summary>
    public sealed class Options : SequenceTrainerOptions
    {
    }

    private protected override IEnumerable<SchemaShape.Column> OutputColumns(SchemaShape schema)
    {
        var label = Columns.Find(schema, _options.LabelColumnName, "label");
        return [ColumnShapes.PredictedKey(label), ColumnShapes.ClassScores(label)];
    }

    private protected override SequenceTask CreateTask(RowColumns columns, RowExamples examples, int[] train)
    {
        var classes = (int)((KeyDataViewType)columns.Label.Type).Count;
        return new(classes, new ModelManifest
        {
            Task = ModelTask.Multiclass,
            Inputs = columns.Inputs(),
            Outputs = [new(DefaultColumnNames.PredictedLabel, OutputKind.Key), new(DefaultColumnNames.Score, OutputKind.Single, classes)],
            Label = LabelReader.KeyValues(columns.Label),
        }, _ => new MulticlassHead(classes));
    }

    private protected override RecurrentMulticlassTransformer CreateTransformer(RecurrentModel model) => new(Host, model);
}
