using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>A trainer whose rows each hold a whole sequence and its label.</summary>
/// <typeparam name="TTransformer">The task's transformer.</typeparam>
public abstract class SequenceTrainer<TTransformer> : RecurrentTrainer<TTransformer>
    where TTransformer : class, ISingleFeaturePredictionTransformer<RecurrentModel>
{
    private readonly SequenceTrainerOptions _options;
    private readonly SequenceTask _task;
    private readonly RowColumnNames _names;

    private protected SequenceTrainer(IHostEnvironment environment, string name, SequenceTrainerOptions options)
        : base(environment, name, options)
    {
        _options = (SequenceTrainerOptions)CheckedOptions;
        _task = (SequenceTask)_options.Task;
        _names = _options.Columns(_task.Label);
    }

    private protected override IEnumerable<SchemaShape.Column> CheckSchema(SchemaShape schema)
    {
        _names.Check(schema);
        return _task.OutputShapes(Columns.Find(schema, _options.LabelColumnName, "label"));
    }

    private protected override TrainingJob CreateJob(IDataView trainData, IDataView? validationData, ulong seed, TrainingChannel run)
    {
        var columns = RowColumns.Resolve(trainData.Schema, _names);
        var validationColumns = validationData is null ? null : RowColumns.Resolve(validationData.Schema, _names);
        if (validationColumns is not null) CheckAlike(columns, validationColumns);
        var examples = RowExamples.Read(trainData, columns, nameof(trainData), _options.CancellationToken);
        ExampleSet train, validation;
        if (validationData is null)
        {
            var (kept, aside) = RandomSplit.Split(examples.Count, examples.Labels, _options.ValidationFraction, seed);
            (train, validation) = (new(examples, kept), new(examples, aside));
        }
        else
        {
            var held = RowExamples.Read(validationData, validationColumns!, nameof(validationData), _options.CancellationToken);
            (train, validation) = (new(examples, All(examples.Count)), new(held, All(held.Count)));
        }
        var (outputs, createHead) = CreateHead(columns, examples, train.Examples);
        return new()
        {
            Train = train,
            Validation = validation.Examples.Length == 0 ? null : validation,
            Manifest = new()
            {
                Task = _task.Name,
                Inputs = columns.Inputs(),
                Outputs = _task.Outputs(outputs),
                Label = _task.Label is LabelRole.Key ? LabelReader.KeyValues(columns.Label) : null,
                Vocabulary = columns.Vocabulary > 0 ? LabelReader.KeyValues(trainData.Schema[columns.Sequences[0].Name]) : null,
            },
            CreateHead = _ => createHead(),
            Description = new()
            {
                Features = columns.Features,
                Vocabulary = columns.Vocabulary,
                Time = columns.Time,
                Statics = columns.StaticSize,
                Standardize = _options.Standardize,
                Layers = NetworkBuilder.Layers(_options, columns.Vocabulary > 0 ? _options.EmbeddingSize : null),
                Outputs = outputs,
            },
            Prepare = network =>
            {
                if (!_options.Standardize) return;
                if (columns.Features > 0) examples.FeatureMoments(train.Examples).CopyTo(network["input.mean"].Value.Span, network["input.scale"].Value.Span);
                if (columns.StaticSize > 0)
                    examples.StaticMoments(train.Examples).CopyTo(network["static.mean"].Value.Span, network["static.scale"].Value.Span);
            },
        };
    }

    /// <summary>The network's numbers, and the head that learns from them, by the options and the training part.</summary>
    private protected abstract (int Outputs, Func<Head> CreateHead) CreateHead(RowColumns columns, RowExamples examples, int[] train);

    private static int[] All(int count) => [.. Enumerable.Range(0, count)];

    private static void CheckAlike(RowColumns train, RowColumns validation)
    {
        for (var i = 0; i < train.Sequences.Length; i++)
        {
            if (train.Sequences[i] != validation.Sequences[i])
                throw new ArgumentException(
                    $"The column '{train.Sequences[i].Name}' of the validation data is not of the training data's type: expected {train.Sequences[i]}, "
                        + $"found {validation.Sequences[i]}.", "validationData");
        }
        if (!train.Statics.Select(column => column.Size).SequenceEqual(validation.Statics.Select(column => column.Size)))
            throw new ArgumentException("The static columns of the validation data do not have as many numbers as those of the training data.",
                "validationData");
        if (!train.Label.Type.Equals(validation.Label.Type))
            throw new ArgumentException(
                $"The label column '{train.Label.Name}' of the validation data is not of the training data's type: expected {train.Label.Type}, "
                    + $"found {validation.Label.Type}.", "validationData");
    }
}
