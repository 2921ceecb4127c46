using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>A trainer on rows with one whole sequence and its label each.</summary>
/// <typeparam name="TTransformer">The transformer of the task.</typeparam>
public abstract class SequenceTrainer<TTransformer> : RecurrentTrainer<TTransformer>
    where TTransformer : class, ISingleFeaturePredictionTransformer<RecurrentModel>
{
    private readonly SequenceTrainerOptions _options;
    private readonly RowColumnNames _names;

    private protected SequenceTrainer(IHostEnvironment environment, string name, SequenceTrainerOptions options)
        : base(environment, name, options)
    {
        _options = (SequenceTrainerOptions)CheckedOptions;
        _names = _options.Columns(((SequenceTask)_options.Task).Label);
    }

    private protected override IEnumerable<SchemaShape.Column> CheckSchema(SchemaShape schema)
    {
        _names.Check(schema);
        return _options.OutputShapes(schema, Columns.Find(schema, _options.LabelColumnName, "label"));
    }

    private protected override NetworkFit CreateFit(RecurrentTrainerOptions options) =>
        new SequenceFit((SequenceTrainerOptions)options, _names);
}
