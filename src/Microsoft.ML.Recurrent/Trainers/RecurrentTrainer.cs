using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Layers;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Onnx.Layers;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// What every recurrent trainer does: check the schema, read the data, train one network by the one training loop, and give a transformer that holds the model.
/// </summary>
/// <typeparam name="TTransformer">The task's transformer.</typeparam>
public abstract class RecurrentTrainer<TTransformer> : ITrainerEstimator<TTransformer, RecurrentModel>
    where TTransformer : class, ISingleFeaturePredictionTransformer<RecurrentModel>
{
    private protected RecurrentTrainer(IHostEnvironment environment, string name, RecurrentTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        CheckedOptions = options.Clone();
        Host = environment.Register(name);
    }

    private protected IHost Host { get; }

    /// <summary>A checked copy of what the caller gave.</summary>
    private protected RecurrentTrainerOptions CheckedOptions { get; }

    /// <summary>
    /// What ML.NET wants to know of a trainer: data need no normalisation (the model standardises them itself) and no cache (they are read once).
    /// </summary>
    public TrainerInfo Info { get; } = new(normalization: false, calibration: false, caching: false, supportValid: true);

    /// <summary>Trains on the data; a part of them, <see cref="RecurrentTrainerOptions.ValidationFraction"/>, tells when to stop.</summary>
    /// <param name="trainData">The training rows.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or the rows cannot be used; the message says which and what to
    /// do.</exception>
    /// <exception cref="OperationCanceledException">The MLContext was cancelled, or the options' token while rows were still being read.</exception>
    public TTransformer Fit(IDataView trainData) => Fit(trainData, null);

    /// <summary>Trains on the data.</summary>
    /// <param name="trainData">The training rows.</param>
    /// <param name="validationData">Rows that tell when to stop and which epoch's weights are kept; null sets a part of the training rows aside.</param>
    /// <inheritdoc cref="Fit(IDataView)"/>
    public TTransformer Fit(IDataView trainData, IDataView? validationData)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        var seed = EnvironmentSettings.ChooseSeed(Host, CheckedOptions.Seed);
        using var run = new TrainingChannel(Host, "Training", CheckedOptions.Progress, CheckedOptions.CancellationToken);
        var fit = CreateFit();
        var (network, head) = fit.Begin(trainData, validationData, CheckedOptions, seed, run);
        using var _ = network;
        foreach (var layer in network.Description.Layers.OfType<RecurrentDescription>().Where(LoopExporter.IsNeeded))
            run.Warning($"The layer '{layer.Name}' has {(layer.LayerNormalization ? "normalization inside its cell" : "zoneout")}, " +
                "which becomes a loop in the ONNX graph: exact, but slower to score, and on the CPU only.");
        var (manifest, history) = fit.Run(network, head, CheckedOptions, seed, run);
        return CreateTransformer(NetworkExporter.ToModel(network, head, manifest, history));
    }

    /// <summary>
    /// Searches for a learning rate (Smith 2017): trains a network like the one that Fit begins with, by these options, with a rate that rises from step to
    /// step. The loss first stays, then falls, then diverges; a good rate is where it falls fastest. Nothing is kept of that network, and models and the
    /// trainer stay as they were.
    /// </summary>
    /// <param name="trainData">The training rows. As for Fit, <see cref="RecurrentTrainerOptions.ValidationFraction"/> of them are left out.</param>
    /// <param name="options">The range of rates, the number of steps, progress and cancellation; null for the defaults.</param>
    /// <returns>The losses over the rates, and the rate suggested: a value for <see cref="RecurrentTrainerOptions.LearningRate"/>.</returns>
    /// <exception cref="ArgumentException">An option is out of range, a column is missing or of another type, or the rows cannot be used.</exception>
    /// <exception cref="OperationCanceledException">The MLContext was cancelled, or the trainer's token while rows were still being read.</exception>
    public LearningRateCurve FindLearningRate(IDataView trainData, LearningRateSearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        options ??= new();
        options.Check();
        var seed = EnvironmentSettings.ChooseSeed(Host, CheckedOptions.Seed);
        using var run = new TrainingChannel(Host, "LearningRateSearch", null, CheckedOptions.CancellationToken);
        return CreateFit().FindLearningRate(trainData, CheckedOptions, seed, options, run);
    }

    /// <summary>The schema that the transformer will give; raises what is wrong with the columns before anything is trained.</summary>
    /// <param name="inputSchema">The schema that comes in.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it, what was expected and what was
    /// found.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var columns = inputSchema.ToDictionary(column => column.Name);
        foreach (var output in CheckSchema(inputSchema)) columns[output.Name] = output;
        return new SchemaShape(columns.Values);
    }

    /// <summary>Checks what a schema shape tells, and gives the columns that are added.</summary>
    private protected abstract IEnumerable<SchemaShape.Column> CheckSchema(SchemaShape schema);

    private protected abstract NetworkFit CreateFit();

    private protected abstract TTransformer CreateTransformer(RecurrentModel model);
}
