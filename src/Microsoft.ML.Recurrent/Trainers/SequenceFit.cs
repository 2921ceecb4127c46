using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

/// <summary>A fit to rows with one whole sequence and its label each. The options create the head.</summary>
internal sealed class SequenceFit(SequenceTrainerOptions options, RowColumnNames names) : NetworkFit
{
    private RowExamples _examples = null!;
    private int[] _train = [];
    private Head _head = null!;

    protected override void Prepare(IDataView trainData, IDataView? validationData, ulong seed, TrainingChannel channel)
    {
        var columns = RowColumns.Resolve(trainData.Schema, names);
        var (tokens, classes) = (columns.Sequences[0].IsTokens ? LabelReader.KeyValues(trainData.Schema[columns.Sequences[0].Name]) : null,
            columns.LabelRole is LabelRole.Key ? LabelReader.KeyValues(columns.Label) : null);
        if (options.Network.Initialization.Model is { } initial)
        {
            var (allTokens, allClasses) = (KeyIds.Union(tokens, initial.Manifest.Vocabulary), KeyIds.Union(classes, initial.Manifest.Label));
            columns = columns with { ExtraTokens = Extra(allTokens, tokens), ExtraClasses = Extra(allClasses, classes) };
            (tokens, classes) = (allTokens, allClasses);
            if (columns.ExtraTokens > 0) channel.Info($"{columns.ExtraTokens} tokens of the initial model, which these data lack, are kept.");
            if (columns.ExtraClasses > 0) channel.Info($"{columns.ExtraClasses} classes of the initial model, which these data lack, are kept.");
        }
        var validationColumns = validationData is null ? null : RowColumns.Resolve(validationData.Schema, names);
        if (validationColumns is not null) CheckAlike(columns, validationColumns);
        if (options.Network.Initialization.Model is { } known) columns = columns.WithOrigins(known.Manifest.Inputs);
        _examples = RowExamples.Read(trainData, columns, nameof(trainData), options.CancellationToken);
        columns = _examples.Columns;
        if (_examples.Warnings.Count > 0) channel.Warning(WarningCode.RoundedNumbers, string.Join(' ', _examples.Warnings));
        ExampleSet train, validation;
        if (validationData is null)
        {
            var (kept, aside) = RandomSplit.Split(_examples.Count, _examples.Labels, options.Stopping.ValidationFraction, seed);
            (train, validation) = (new(_examples, kept), new(_examples, aside));
        }
        else
        {
            train = new(_examples);
            validationColumns = validationColumns! with { Origins = columns.Origins };
            validation = new(RowExamples.Read(validationData, validationColumns, nameof(validationData), options.CancellationToken));
        }
        (Train, Validation, _train) = (train, validation.Count == 0 ? null : validation, train.Examples);
        if (_examples.DescribeOnlyLabel(_train) is { } only) channel.Warning(WarningCode.OneLabel, only);
        if (_examples.DescribeOutlier(_train) is { } outlier) channel.Warning(WarningCode.Outlier, outlier);
        _head = options.CreateHead(columns, _examples, _train);
        var task = (SequenceTask)options.Task;
        Manifest = new()
        {
            Task = task.Name,
            Inputs = columns.Inputs(),
            Outputs = task.Outputs(_head.Outputs),
            Label = classes,
            Vocabulary = tokens,
        };
        Description = new()
        {
            Features = columns.Features,
            Vocabulary = columns.Vocabulary,
            Time = columns.Time,
            Statics = columns.StaticSize,
            Standardize = options.Features.Standardize,
            Layers = NetworkBuilder.Layers(options.Network,
                columns.Vocabulary > 0 ? options.Network.Initialization.WordVectors?.Size ?? options.Features.EmbeddingSize : null),
            Outputs = _head.Outputs,
        };
    }

    protected override Head CreateHead(Network network) => _head;

    protected override void Start(Network network, Head head, bool isNew)
    {
        if (!isNew || !Description.Standardize) return;
        if (Description.Features > 0) Standardize(network, "input", _examples.FeatureMoments(_train));
        if (Description.Statics > 0) Standardize(network, "static", _examples.StaticMoments(_train));
    }

    private static int Extra(LabelManifest? all, LabelManifest? own) => (all?.Values.Length ?? 0) - (own?.Values.Length ?? 0);

    private static void CheckAlike(RowColumns train, RowColumns validation)
    {
        for (var i = 0; i < train.Sequences.Length; i++)
        {
            if (train.Sequences[i] == validation.Sequences[i]) continue;
            throw new ArgumentException($"The column '{train.Sequences[i].Name}' of the validation data has another type than in the training data: " +
                $"expected {train.Sequences[i]}, found {validation.Sequences[i]}.", "validationData");
        }
        if (!train.Statics.Select(column => column.Size).SequenceEqual(validation.Statics.Select(column => column.Size)))
            throw new ArgumentException("The static columns of the validation data have another size than in the training data.",
                "validationData");
        if (train.Label.Type.Equals(validation.Label.Type)) return;
        throw new ArgumentException($"The label column '{train.Label.Name}' of the validation data has another type than in the training data: " +
            $"expected {train.Label.Type}, found {validation.Label.Type}.", "validationData");
    }
}
