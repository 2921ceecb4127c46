using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Autoencoding;

/// <summary>A fit of an autoencoder to rows with one whole sequence each.</summary>
internal sealed class AutoencodingFit(RecurrentAutoencoderTrainer.Options options) : NetworkFit
{
    private RowExamples _examples = null!;
    private int[] _train = [];

    protected override void Prepare(IDataView trainData, IDataView? validationData, ulong seed, TrainingChannel channel)
    {
        var columns = RowColumns.Resolve(trainData.Schema, options.Columns);
        CheckNumbers(columns, trainData.Schema);
        var validationColumns = validationData is null ? null : RowColumns.Resolve(validationData.Schema, options.Columns);
        if (validationColumns is not null) columns.CheckValidation(validationColumns);
        if (options.Network.Initialization.Model is { } initial) columns = columns.WithOrigins(initial.Manifest.Inputs);
        _examples = RowExamples.Read(trainData, columns, nameof(trainData), options.CancellationToken);
        columns = _examples.Columns;
        if (_examples.Warnings.Count > 0) channel.Warning(WarningCode.RoundedNumbers, string.Join(' ', _examples.Warnings));
        if (validationData is null)
        {
            var (kept, aside) = RandomSplit.Split(_examples.Count, [], options.Stopping.ValidationShare, seed);
            (Train, Validation, _train) = (new ExampleSet(_examples, kept), aside.Length == 0 ? null : new ExampleSet(_examples, aside), kept);
        }
        else
        {
            var train = new ExampleSet(_examples);
            validationColumns = validationColumns! with { Origins = columns.Origins };
            var validation = new ExampleSet(RowExamples.Read(validationData, validationColumns, nameof(validationData), options.CancellationToken));
            (Train, Validation, _train) = (train, validation, train.Examples);
        }
        if (_examples.DescribeOutlier(_train) is { } outlier) channel.Warning(WarningCode.Outlier, outlier);
        var layers = NetworkBuilder.Layers(options.Network);
        Manifest = new()
        {
            Task = ModelTask.Autoencoding,
            Inputs = columns.Inputs(),
            Outputs = AutoencodingTask.Outputs(options.Output, options.Latent.Size, columns.Time, columns.Features),
        };
        Description = new()
        {
            Features = columns.Features,
            Time = columns.Time,
            Standardize = options.Standardize,
            Layers = layers,
            Outputs = 2 * options.Latent.Size,
            Latent = new()
            {
                Size = options.Latent.Size,
                Layers = NetworkBuilder.DecoderLayers(layers),
                Scale = options.Reconstruction.Scale,
            },
        };
    }

    /// <summary>Refuses columns of keys.</summary>
    private static void CheckNumbers(RowColumns columns, DataViewSchema schema)
    {
        if (columns.Sequences.FirstOrDefault(column => column.IsTokens) is { } tokens)
            throw RecurrentAutoencoderTrainer.NoTokens(tokens.Name, schema[tokens.Name].Type.ToString()!);
    }

    protected override Head CreateHead(Network network) =>
        new AutoencodingHead(network, [.. Manifest.Inputs.SelectMany(AutoencodingTask.OriginsOf)], options.Latent.KlWeight, options.Latent.FreeBits);

    protected override void Start(Network network, Head head, bool isNew)
    {
        if (isNew && Description.Standardize) Standardize(network, "input", _examples.FeatureMoments(_train));
    }

    protected override IReadOnlyList<TrainingCallback> Callbacks(Network network, Head head) =>
        [new KlAnnealing((AutoencodingHead)head, options.Latent.AnnealingEpochs(options.Stopping))];
}
