using System.Globalization;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Hosting;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>
/// One fit of a network to a task's data. <see cref="Begin"/> and <see cref="Run"/> are the same for every task and call the task's own steps in this order:
/// <see cref="Prepare"/>, <see cref="CreateHead"/>, <see cref="Start"/>, then training, then <see cref="Finish"/>.
/// </summary>
internal abstract class NetworkFit
{
    /// <summary>Rows of a batch of validation.</summary>
    public const int ValidationBatchSize = 256;

    // The first batch differs from the mean of all, but hardly by that much.
    private const double WorseThanUntrained = 10;

    // A loss that begins near 0, as that of a fine-tuned model, may rise to what is still good.
    private const double SmallLoss = 1e-3;

    protected NetworkDescription Description { get; set; } = null!;

    protected ITrainingSet Train { get; set; } = null!;

    protected ITrainingSet? Validation { get; set; }

    protected ModelManifest Manifest { get; set; } = null!;

    /// <summary>The network and its head before the first training step: new, or those of the initial model. The caller disposes of the network.</summary>
    public (Network Network, Head Head) Begin(IDataView trainData, IDataView? validationData, RecurrentTrainerOptions options, ulong seed,
        TrainingChannel channel)
    {
        Prepare(trainData, validationData, seed, channel);
        var initial = options.Network.Initialization.Model;
        var network = initial is null
            ? new Network(Description, seed)
            : FineTuning.CreateNetwork(initial, Description, Manifest, options.Network.Initialization.UpdateBatchNormStatistics, seed, channel.Info,
                text => channel.Warning(WarningCode.DroppedKeys, text));
        try
        {
            if (initial is null) options.Initialize(network, seed);
            var head = CreateHead(network);
            Start(network, head, initial is null);
            if (initial is not null) FineTuning.CopyHead(initial, head, options.Task);
            if (options.Network.Initialization.OtherTask is { } other)
            {
                var transfer = TransferStart.Apply(other, network, Manifest, options.Network.Initialization.FrozenLayers);
                channel.Info(transfer.ToString());
                Manifest = Manifest with { Transfer = transfer };
            }
            if (options.Network.Initialization.WordVectors is { } vectors)
                WordVectorStart.Apply(vectors, network, Manifest, options.Network.Initialization.FrozenLayers, channel);
            FineTuning.Freeze(network, options.Network.Initialization.FrozenLayers);
            return (network, head);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Trains the network and the head of <see cref="Begin"/>; returns the model's manifest and the history of the run.</summary>
    public (ModelManifest Manifest, TrainingHistory History) Run(Network network, Head head, RecurrentTrainerOptions options, ulong seed,
        TrainingChannel channel)
    {
        var frozen = options.Network.Initialization.FrozenLayers;
        channel.Info($"Training on {Train.Count} {Train.Unit}{(Validation is { } held ? $", validating on {held.Count}" : "")}.");
        if (Train.Count == 1)
        {
            channel.Warning(WarningCode.OneExample, $"There is one example ({Train.Unit}) to train on: the model can only learn it by heart. Check the file " +
                "and the filters before the trainer.");
        }
        var (train, validation) = (TrainBatches(options), Validation?.Batches(ValidationBatchSize));
        // Streams read ahead.
        using var trainReader = train as IDisposable;
        using var validationReader = validation as IDisposable;
        var settings = options.Settings(seed) with { RareTokens = RareTokens(options) };
        var search = options.Optimizer.LearningRate is null ? SearchRate(network, head, settings, train, channel) : null;
        if (search?.Suggestion is { } found) settings = settings with { LearningRate = found };
        var loop = new TrainingLoop(network, head, settings)
        {
            Callbacks = Callbacks(network, head),
            CheckpointWarning = text => channel.Warning(WarningCode.CheckpointNotWritten, text),
        };
        var history = loop.Run(train, validation, channel, channel.Token) with { LearningRateSearch = search };
        channel.Complete();
        channel.Info(TrainingChannel.Describe(history, options.Stopping.MaximumNumberOfEpochs));
        Check(history, settings.LearningRate, channel);
        var manifest = Finish(network, head, channel) with { FrozenLayers = frozen.Length > 0 ? [.. frozen] : null };
        channel.Complete();
        return (manifest, history);
    }

    private static void Check(TrainingHistory history, float rate, TrainingChannel channel)
    {
        if (history.Divergence is { } divergence)
            channel.Warning(WarningCode.Diverged, $"{divergence} The model has the weights of epoch {history.BestEpoch}, before that.");
        if (history.InitialLoss is not { } initial || history.Epochs.FirstOrDefault(epoch => epoch.Epoch == history.BestEpoch) is not { } best) return;
        var loss = best.ValidationLoss ?? best.Loss;
        if (loss <= WorseThanUntrained * Math.Max(Math.Abs(initial), SmallLoss)) return;
        channel.Warning(WarningCode.LossRose, string.Create(CultureInfo.InvariantCulture,
            $"The loss of the model is {loss:G4}, but that of the first batch was {initial:G4}, before any update: training made the model worse. Lower " +
            $"Optimizer.LearningRate (it is {rate:G4}); FindLearningRate searches one."));
    }

    /// <summary>Searches a learning rate for the network with which <see cref="Run"/> would begin.</summary>
    public LearningRateCurve FindLearningRate(IDataView trainData, RecurrentTrainerOptions options, ulong seed, LearningRateSearchOptions search,
        TrainingChannel channel)
    {
        var (network, head) = Begin(trainData, null, options, seed, channel);
        using var ownedNetwork = network;
        using var ownedHead = head;
        channel.Info($"Searching a learning rate from {search.MinimumLearningRate:G3} to {search.MaximumLearningRate:G3} on {Train.Count} {Train.Unit}.");
        var batches = TrainBatches(options);
        using var reader = batches as IDisposable;
        var curve = new LearningRateFinder(network, head, options.Settings(seed)).Run(batches, search, channel.Token);
        channel.Complete();
        channel.Info(curve.Suggestion is { } rate ? $"The loss falls fastest at a learning rate of {rate:G3}." : "The loss did not fall at any learning rate.");
        return curve;
    }

    // The same seed and rows give the same rate, so a run that is resumed goes on with it.
    private static LearningRateCurve SearchRate(Network network, Head head, TrainingSettings settings, IBatchSource train, TrainingChannel channel)
    {
        var curve = new LearningRateFinder(network, head, settings).Run(train, LearningRateSearchOptions.BeforeTraining, channel.Token);
        channel.Info(curve.Suggestion is { } rate
            ? string.Create(CultureInfo.InvariantCulture, $"In {curve.Trials.Length} updates the loss falls fastest at a learning rate of {rate:G3}.")
            : string.Create(CultureInfo.InvariantCulture, $"The loss did not fall at any learning rate: {settings.LearningRate:G3} is taken."));
        return curve;
    }

    private IBatchSource TrainBatches(RecurrentTrainerOptions options) => Train.Batches(BatchSize(options), options.Optimizer.Gradients.MaximumStepsPerBatch);

    /// <summary>Examples in a batch.</summary>
    protected virtual int BatchSize(RecurrentTrainerOptions options) => options.BatchSizeFor(Train.Count);

    /// <summary>Reads the data and chooses the defaults that depend on them: sets the properties of the fit.</summary>
    protected abstract void Prepare(IDataView trainData, IDataView? validationData, ulong seed, TrainingChannel channel);

    /// <summary>Of each token, whether it comes once in the training part; null if tokens are not known before training.</summary>
    protected virtual bool[]? RareTokens(RecurrentTrainerOptions options) => null;

    /// <summary>Creates the task's head for the network.</summary>
    protected abstract Head CreateHead(Network network);

    /// <summary>Sets initial values that come from the data: statistics of the training part, and weights. By default it sets none.</summary>
    /// <param name="network">The network.</param>
    /// <param name="head">Its head.</param>
    /// <param name="isNew">Whether the network is new: that of an initial model keeps what it has learned.</param>
    protected virtual void Start(Network network, Head head, bool isNew)
    {
    }

    /// <summary>What observes the training run; those that are <see cref="ICheckpointed"/> are part of its checkpoints. None by default.</summary>
    protected virtual IReadOnlyList<TrainingCallback> Callbacks(Network network, Head head) => [];

    /// <summary>Completes the trained model (calibrates a forecaster's intervals, for example) and returns its manifest.</summary>
    protected virtual ModelManifest Finish(Network network, Head head, TrainingChannel channel) => Manifest;

    /// <summary>Writes mean and scale of one of the network's inputs: "input", "static" or "future".</summary>
    protected static void Standardize(Network network, string input, Moments moments) =>
        moments.CopyTo(network[input + ".mean"].Value.Span, network[input + ".scale"].Value.Span);
}
