using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Layers;
using Microsoft.ML.Recurrent.Tensors;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Recurrent;

/// <summary>Base class of recurrent trainers: checks the schema, reads the data, trains a network and returns a transformer with the model.</summary>
/// <typeparam name="TTransformer">The transformer of the task.</typeparam>
public abstract class RecurrentTrainer<TTransformer> : ITrainerEstimator<TTransformer, RecurrentModel>
    where TTransformer : class, ISingleFeaturePredictionTransformer<RecurrentModel>
{
    private protected RecurrentTrainer(IHostEnvironment environment, string name, RecurrentTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        CheckedOptions = options.Clone();
        CheckedOptions.Network.Initialization.Separate(CheckedOptions.Task);
        Host = environment.Register(name);
    }

    private protected IHost Host { get; }

    /// <summary>A validated copy of the options.</summary>
    private protected RecurrentTrainerOptions CheckedOptions { get; }

    /// <summary>Trainer information for ML.NET: data need no normalization (the model standardizes them) and no caching (they are read once).</summary>
    public TrainerInfo Info { get; } = new(normalization: false, calibration: false, caching: false, supportValid: true);

    /// <summary>Trains on the data; a part of them, <see cref="StoppingOptions.ValidationFraction"/>, tells when to stop.</summary>
    /// <param name="trainData">The training rows.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or the rows cannot be used; the message says what to do.</exception>
    /// <exception cref="OperationCanceledException">The MLContext was canceled, or the token of the options while rows were being read.</exception>
    public TTransformer Fit(IDataView trainData) => Fit(trainData, null);

    /// <summary>Trains on the data.</summary>
    /// <param name="trainData">The training rows.</param>
    /// <param name="validationData">Rows for early stopping and for choosing the best epoch; null holds out a part of the training rows.</param>
    /// <inheritdoc cref="Fit(IDataView)"/>
    public TTransformer Fit(IDataView trainData, IDataView? validationData)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        try
        {
            return Train(trainData, validationData);
        }
        finally
        {
            // Scoring does not need the buffers of training.
            BufferPool.Shared.Trim();
        }
    }

    private TTransformer Train(IDataView trainData, IDataView? validationData)
    {
        var seed = EnvironmentSettings.ChooseSeed(Host, CheckedOptions.Seed);
        using var run = new TrainingChannel(Host, "Training", CheckedOptions.Logging.Progress, CheckedOptions.CancellationToken);
        // Options that are null are chosen by the data of this fit.
        var options = CheckedOptions.Clone();
        var fit = CreateFit(options);
        var (network, head) = fit.Begin(trainData, validationData, options, seed, run);
        using var ownedNetwork = network;
        using var ownedHead = head;
        string[] loops = [.. network.Description.Layers.OfType<RecurrentDescription>().Where(LoopExporter.IsNeeded)
            .Select(layer => $"the layer '{layer.Name}' has {(layer.LayerNormalization ? "normalization inside its cell" : "zoneout")}")];
        if (loops.Length > 0)
        {
            run.Warning(WarningCode.LoopInGraph, $"A loop in the ONNX graph is exact, but slower to score, and runs on the CPU only: " +
                $"{string.Join(", ", loops)}, which no ONNX node has.");
        }
        var (manifest, history) = fit.Run(network, head, options, seed, run);
        // Nor does the graph.
        BufferPool.Shared.Trim();
        return CreateTransformer(NetworkExporter.ToModel(network, head, manifest, history));
    }

    /// <summary>
    /// Searches for a learning rate (Smith 2017): trains the initial network of Fit with a rate that increases at every step. The loss is first flat, then
    /// falls, then diverges; a good rate is where it falls fastest. The network is discarded; models and the trainer do not change.
    /// </summary>
    /// <param name="trainData">The training rows. As for Fit, <see cref="StoppingOptions.ValidationFraction"/> of them are left out.</param>
    /// <param name="options">The range of rates, the number of steps, progress and cancellation; null for the defaults.</param>
    /// <returns>The losses over the rates, and the suggested rate, for <see cref="OptimizerOptions.LearningRate"/>.</returns>
    /// <exception cref="ArgumentException">An option is out of range, a column is missing or of another type, or the rows cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The MLContext was canceled, or the token of the options while rows were being read.</exception>
    public LearningRateCurve FindLearningRate(IDataView trainData, LearningRateSearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        options ??= new();
        options.Check();
        var seed = EnvironmentSettings.ChooseSeed(Host, CheckedOptions.Seed);
        using var run = new TrainingChannel(Host, "LearningRateSearch", null, CheckedOptions.CancellationToken);
        var own = CheckedOptions.Clone();
        return CreateFit(own).FindLearningRate(trainData, own, seed, options, run);
    }

    /// <summary>The output schema of the transformer; throws for invalid columns before any training.</summary>
    /// <param name="inputSchema">The input schema.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message says what was expected and what was found.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var columns = inputSchema.ToDictionary(column => column.Name);
        foreach (var output in CheckSchema(inputSchema)) columns[output.Name] = output;
        return new SchemaShape(columns.Values);
    }

    /// <summary>Checks a schema shape, and returns the added columns.</summary>
    private protected abstract IEnumerable<SchemaShape.Column> CheckSchema(SchemaShape schema);

    private protected abstract NetworkFit CreateFit(RecurrentTrainerOptions options);

    private protected abstract TTransformer CreateTransformer(RecurrentModel model);
}
