using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// What all recurrent trainers have in common: the network, and how it is trained, in groups. Each task's Options add its columns and its loss. Groups can be
/// set in place, <c>Network = { HiddenSize = 32 }</c>, or replaced.
/// </summary>
public abstract class RecurrentTrainerOptions
{
    internal const int DefaultHiddenSize = 64, DefaultNumberOfLayers = 1, DefaultMaximumNumberOfEpochs = 50;

    private protected RecurrentTrainerOptions()
    {
    }

    /// <summary>The layers, their initialization and regularization. Default: one LSTM layer with a state of 64.</summary>
    public NetworkOptions Network { get; set => field = OptionChecks.NotNull(value); } = new();

    /// <summary>The optimizer, batch size and gradients. Default: Adam with a learning rate of 0.002.</summary>
    public OptimizerOptions Optimizer { get; set => field = OptionChecks.NotNull(value); } = new();

    /// <summary>The number of epochs, the validation set and early stopping. Default: at most 50 epochs, a tenth of the data for validation.</summary>
    public StoppingOptions Stopping { get; set => field = OptionChecks.NotNull(value); } = new();

    /// <summary>Checkpoints, from which an interrupted run can be resumed. Default: none.</summary>
    public CheckpointOptions Checkpoints { get; set => field = OptionChecks.NotNull(value); } = new();

    /// <summary>Progress and metrics of the run. Default: messages in <c>MLContext.Log</c> only.</summary>
    public LoggingOptions Logging { get; set => field = OptionChecks.NotNull(value); } = new();

    /// <summary>
    /// Seed of initial weights, shuffling, dropout and the validation split: the same seed gives the same model, whatever the number of threads.
    /// Default: null, the seed of the MLContext.
    /// </summary>
    public int? Seed { get; set; }

    /// <summary>Number of training threads, at least 1. Default: null, one for each processor.</summary>
    public int? NumberOfThreads { get; set; }

    /// <summary>
    /// Ends training within the time of a batch: Fit then returns the best model so far, and shrinkage and intervals of a forecaster take a batch of evenly
    /// spaced windows. Before the first batch, Fit throws OperationCanceledException. Default: none.
    /// </summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>A metric that the progress of each epoch tells, besides that of early stopping; null for none.</summary>
    internal ValidationMetric? WatchedMetric { get; set; }

    /// <summary>What is trained for.</summary>
    internal abstract RecurrentTask Task { get; }

    /// <summary>The decay of averaged weights that null stands for; 0 for no averaging.</summary>
    private protected virtual float DefaultEmaDecay => 0;

    /// <summary>The patience of early stopping that null stands for.</summary>
    private protected virtual int DefaultPatience => 10;

    /// <summary>Initializer of embeddings where no option names one; null for the layer's own.</summary>
    private protected virtual WeightInitializer? DefaultEmbeddingInitializer => null;

    /// <summary>Throws where an option is out of range, or contradicts another.</summary>
    internal virtual void Check()
    {
        Network.Check();
        Optimizer.Check();
        Stopping.Check(Task);
        Checkpoints.Check();
        Logging.Check();
        new OptionChecks().AtLeastOne(NumberOfThreads);
    }

    /// <summary>A copy, groups included, so that later changes of the caller do not reach a trainer.</summary>
    internal RecurrentTrainerOptions Clone() => OptionCopies.Copy(this);

    /// <summary>The batch size for a number of training examples.</summary>
    internal virtual int BatchSizeFor(int examples) => Optimizer.BatchSizeFor(examples);

    /// <summary>Initializes a new network as these options say.</summary>
    internal void Initialize(Network network, ulong seed) => Network.Initialization.Apply(network, seed, DefaultEmbeddingInitializer);

    /// <summary>The settings of the training loop.</summary>
    internal virtual TrainingSettings Settings(ulong seed) => new()
    {
        MaximumNumberOfEpochs = Stopping.MaximumNumberOfEpochs,
        MaximumTrainingTime = Stopping.MaximumTrainingTime,
        LearningRate = Optimizer.LearningRate ?? OptimizerOptions.UsualLearningRate,
        Optimizer = Optimizer.Kind,
        Momentum = Optimizer.Momentum,
        OptimizerConstants = new(Optimizer.Beta1, Optimizer.Beta2, Optimizer.Epsilon),
        Schedule = Optimizer.LearningRateSchedule,
        WeightDecay = Optimizer.WeightDecay,
        L1Regularization = Optimizer.L1Regularization,
        BatchesPerUpdate = Optimizer.Gradients.AccumulationSteps,
        EmaDecay = (Optimizer.EmaDecay ?? DefaultEmaDecay) is > 0 and var decay ? decay : null,
        GradientClipNorm = Optimizer.Gradients.ClipNorm,
        GradientClipValue = Optimizer.Gradients.ClipValue,
        GradientNoise = Optimizer.Gradients.Noise,
        SegmentSteps = Optimizer.Gradients.CheckpointSteps,
        EarlyStoppingPatience = Stopping.Patience ?? DefaultPatience,
        EarlyStoppingMetric = Stopping.Metric,
        WatchedMetric = WatchedMetric,
        EarlyStoppingMinimumChange = Stopping.MinimumChange,
        EarlyStoppingSmoothing = Stopping.Smoothing,
        Seed = seed,
        Threads = NumberOfThreads,
        CheckpointFolder = Checkpoints.Folder,
        CheckpointEverySteps = Checkpoints.EverySteps,
        CheckpointInterval = Checkpoints.Interval,
        Resume = Checkpoints.Resume,
        Augmentation = Network.Regularization.Augmentation,
        Loggers = [.. Logging.Loggers],
        LogEverySteps = Logging.EverySteps,
        LogStatistics = Logging.Statistics,
    };
}
