using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Optimizers;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

/// <content>The finer points of training: schedules, penalties, averaging, checkpoints, logs.</content>
public abstract partial class RecurrentTrainerOptions
{
    /// <summary>
    /// First values of input weights, dense layers, embeddings and the head's linear map. Default: null, each layer's own (Glorot uniform; embeddings by
    /// <see cref="EmbeddingInitializer"/>).
    /// </summary>
    public WeightInitializer? InputInitializer { get; set; }

    /// <summary>
    /// First values of embeddings. Default: null, as <see cref="InputInitializer"/> says, and else from -0.05 to 0.05; of a language model with mean 0 and
    /// deviation 1 (0.2 where weights are tied).
    /// </summary>
    public WeightInitializer? EmbeddingInitializer { get; set; }

    /// <summary>First values of recurrent weights. Default: null, orthogonal ones.</summary>
    public WeightInitializer? RecurrentInitializer { get; set; }

    /// <summary>Bias with which the forget gate of an LSTM begins. Default: 1, it begins by remembering (Jozefowicz et al. 2015).</summary>
    public float ForgetGateBias { get; set; } = 1;

    /// <summary>Random changes of the sequences that are learned from. Default: null, none.</summary>
    public SequenceAugmentation? Augmentation { get; set; }

    /// <summary>How the learning rate changes while training. Default: null, it stays as it is.</summary>
    public LearningRateSchedule? LearningRateSchedule { get; set; }

    /// <summary>Decay of the mean gradient of Adam and its kin (beta 1), from 0 up to, but not including, 1. Default: null, the optimizer's own, 0.9.</summary>
    public float? Beta1 { get; set; }

    /// <summary>
    /// Decay of the mean squared gradient, from 0 up to, but not including, 1: beta 2 of Adam and its kin, alpha of RMSprop, rho of Adadelta. Default: null,
    /// the optimizer's own: 0.999, 0.99 and 0.9.
    /// </summary>
    public float? Beta2 { get; set; }

    /// <summary>
    /// What an optimizer adds to the root of the mean squared gradient, greater than 0. Default: null, the optimizer's own: 1e-8, of Adagrad 1e-10, of Adadelta
    /// 1e-6.
    /// </summary>
    public float? Epsilon { get; set; }

    /// <summary>
    /// Decay of weight matrices, biases left alone: the slope of an L2 penalty, or, by <see cref="OptimizerKind.AdamW"/>, decoupled from the gradient. At least
    /// 0. Default: 0.
    /// </summary>
    public float WeightDecay { get; set; }

    /// <summary>Slope of an L1 penalty on weight matrices, at least 0. Default: 0.</summary>
    public float L1Regularization { get; set; }

    /// <summary>
    /// Batches whose gradients are put together for one step, at least 1: the gradient of a large batch in the memory of a small one. Default: 1.
    /// </summary>
    public int GradientAccumulationSteps { get; set; } = 1;

    /// <summary>
    /// Decay, between 0 and 1, of an exponential moving average of the weights, which then takes the place of the weights in validation and in the model
    /// (Polyak and Juditsky 1992); 0.999 is usual. Default: null, no averaging.
    /// </summary>
    public float? EmaDecay { get; set; }

    /// <summary>The greatest size of one element of a gradient; applied before <see cref="GradientClipNorm"/>. Greater than 0. Default: infinity.</summary>
    public float GradientClipValue { get; set; } = float.PositiveInfinity;

    /// <summary>
    /// Standard deviation of noise added to the gradients of the first step, falling with the number of steps t like t^-0.275 (Neelakantan et al. 2015). At
    /// least 0. Default: 0.
    /// </summary>
    public float GradientNoise { get; set; }

    /// <summary>
    /// For long sequences: the recurrent layers keep their inner figures of so many time steps at a time only and compute them anew on the way back, which
    /// saves most of the memory for about a third more time. About the square root of the sequences' length is best; at least 1. Layers with zoneout, recurrent
    /// dropout, a projection or normalization inside keep all. Default: null, all are kept.
    /// </summary>
    public int? GradientCheckpointSteps { get; set; }

    /// <summary>
    /// What of the validation set decides when to stop and which epoch's weights are kept; which there are depends on the task. A learning rate that falls at a
    /// plateau watches the loss all the same. Default: the loss.
    /// </summary>
    public ValidationMetric EarlyStoppingMetric { get; set; }

    /// <summary>
    /// By how much, as a share of the best validation loss so far, a loss has to be lower to renew the patience of early stopping. From 0 up to, but not
    /// including, 1. Default: 0.
    /// </summary>
    public float EarlyStoppingMinimumChange { get; set; }

    /// <summary>
    /// A folder of its own for the checkpoint of this run, written at the end of every epoch and at least every <see cref="CheckpointInterval"/>. Default:
    /// null, no checkpoints.
    /// </summary>
    public string? CheckpointFolder { get; set; }

    /// <summary>
    /// Steps of the optimizer from one checkpoint to the next, at least 1, besides those that <see cref="CheckpointInterval"/> asks for. Default: null.
    /// </summary>
    public int? CheckpointEverySteps { get; set; }

    /// <summary>The longest time between two checkpoints, greater than zero. Default: 5 minutes.</summary>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether to go on from the checkpoint in <see cref="CheckpointFolder"/>, if there is one: a run that was interrupted ends in the same model, bit by bit,
    /// as one that was not. A checkpoint of another network, data set or seed is refused. Default: false.
    /// </summary>
    public bool Resume { get; set; }

    /// <summary>
    /// Where the figures of the run go besides <see cref="Progress"/>; see <see cref="TrainingLogger"/>. Their maker disposes them. Default: none.
    /// </summary>
    public TrainingLogger[] Loggers { get; set; } = [];

    /// <summary>Steps of the optimizer from one log entry to the next, at least 1. Default: 10.</summary>
    public int LogEverySteps { get; set; } = 10;

    /// <summary>
    /// Whether log entries hold norms of gradients and weights, and figures of the layers' outputs that show vanishing and exploding gradients. Default: false.
    /// </summary>
    public bool LogStatistics { get; set; }

    /// <summary>What is trained for.</summary>
    internal abstract RecurrentTask Task { get; }

    /// <summary>How the training loop is told.</summary>
    internal virtual TrainingSettings Settings(ulong seed) => new()
    {
        MaximumNumberOfEpochs = MaximumNumberOfEpochs,
        LearningRate = LearningRate,
        Optimizer = Optimizer,
        Momentum = Momentum,
        OptimizerConstants = new(Beta1, Beta2, Epsilon),
        Schedule = LearningRateSchedule,
        WeightDecay = WeightDecay,
        L1Regularization = L1Regularization,
        BatchesPerUpdate = GradientAccumulationSteps,
        EmaDecay = EmaDecay,
        GradientClipNorm = GradientClipNorm,
        GradientClipValue = GradientClipValue,
        GradientNoise = GradientNoise,
        SegmentSteps = GradientCheckpointSteps,
        EarlyStoppingPatience = EarlyStoppingPatience,
        EarlyStoppingMetric = EarlyStoppingMetric,
        EarlyStoppingMinimumChange = EarlyStoppingMinimumChange,
        Seed = seed,
        Threads = NumberOfThreads,
        CheckpointFolder = CheckpointFolder,
        CheckpointEverySteps = CheckpointEverySteps,
        CheckpointInterval = CheckpointInterval,
        Resume = Resume,
        Augmentation = Augmentation,
        Loggers = [.. Loggers],
        LogEverySteps = LogEverySteps,
        LogStatistics = LogStatistics,
    };

    /// <summary>Gives a new network the first values that these options ask for.</summary>
    internal void Initialize(Network network, ulong seed)
    {
        var embedding = EmbeddingInitializer ?? InputInitializer ?? DefaultEmbeddingInitializer;
        if (InputInitializer is not null || RecurrentInitializer is not null || embedding is not null || ForgetGateBias != 1)
            new NetworkInitialization(InputInitializer, RecurrentInitializer, ForgetGateBias) { Embedding = embedding }.Apply(network, seed);
    }

    /// <summary>First values of embeddings for which nothing is said; null for the layer's own.</summary>
    private protected virtual WeightInitializer? DefaultEmbeddingInitializer => null;

    private void CheckTraining()
    {
        Augmentation?.Check();
        if (!float.IsFinite(ForgetGateBias)) throw OutOfRange(nameof(ForgetGateBias), ForgetGateBias, "must be finite");
        Constant(Beta1, nameof(Beta1), OptimizerConstants.HasBeta1(Optimizer));
        Constant(Beta2, nameof(Beta2), OptimizerConstants.HasBeta2(Optimizer));
        Constant(Epsilon, nameof(Epsilon), OptimizerConstants.HasEpsilon(Optimizer));
        if (Beta1 is { } beta1) Share(beta1, nameof(Beta1));
        if (Beta2 is { } beta2) Share(beta2, nameof(Beta2));
        if (Epsilon is { } epsilon && !(epsilon > 0 && float.IsFinite(epsilon))) throw OutOfRange(nameof(Epsilon), epsilon, "must be greater than 0");
        NotNegative(WeightDecay, nameof(WeightDecay));
        NotNegative(L1Regularization, nameof(L1Regularization));
        AtLeastOne(GradientAccumulationSteps);
        NotNegative(GradientNoise, nameof(GradientNoise));
        AtLeastOne(LogEverySteps);
        if (GradientCheckpointSteps is { } segment) AtLeastOne(segment, nameof(GradientCheckpointSteps));
        if (CheckpointEverySteps is { } steps) AtLeastOne(steps, nameof(CheckpointEverySteps));
        Positive(GradientClipValue);
        Share(EarlyStoppingMinimumChange);
        if (!Task.Metrics.Contains(EarlyStoppingMetric))
            throw OutOfRange(nameof(EarlyStoppingMetric), EarlyStoppingMetric, $"must be one that this trainer knows: {string.Join(", ", Task.Metrics)}");
        if (EmaDecay is not (null or (> 0 and < 1))) throw OutOfRange(nameof(EmaDecay), EmaDecay, "must lie between 0 and 1; 0.999 is usual");
        if (CheckpointInterval <= TimeSpan.Zero) throw OutOfRange(nameof(CheckpointInterval), CheckpointInterval, "must be greater than zero");
        if (Resume && string.IsNullOrEmpty(CheckpointFolder))
            throw new ArgumentException("The option Resume needs a CheckpointFolder, in which the checkpoint is looked for.", nameof(Resume));
        if (Loggers is null || Loggers.Contains(null!)) throw new ArgumentException("The option Loggers must not be null, nor hold null.", nameof(Loggers));
    }

    private void Constant(float? value, string name, bool has)
    {
        if (value is not null && !has)
            throw new ArgumentException($"The option {name} has no meaning for the optimizer {Optimizer}: leave it null, or choose another optimizer.", name);
    }

    private static void NotNegative(float value, string name)
    {
        if (!(value >= 0 && float.IsFinite(value))) throw OutOfRange(name, value, "must be at least 0");
    }
}
