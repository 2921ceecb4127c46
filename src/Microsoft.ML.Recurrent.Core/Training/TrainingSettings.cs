namespace Microsoft.ML.Recurrent.Training;

/// <summary>How a network is trained. The trainers' public options are mapped onto it.</summary>
internal sealed record TrainingSettings
{
    public int MaximumNumberOfEpochs { get; init; } = 50;

    public float LearningRate { get; init; } = 1e-3f;

    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>Of stochastic gradient descent and RMSprop.</summary>
    public float Momentum { get; init; }

    /// <summary>Constants of the optimizer other than its own defaults.</summary>
    public Optimizers.OptimizerConstants OptimizerConstants { get; init; }

    /// <summary>How the learning rate changes; null for a constant one.</summary>
    public LearningRateSchedule? Schedule { get; init; }

    /// <summary>Decay of weight matrices (biases are left alone): an L2 penalty's slope, or, by AdamW, decoupled.</summary>
    public float WeightDecay { get; init; }

    /// <summary>Slope of an L1 penalty on weight matrices.</summary>
    public float L1Regularization { get; init; }

    /// <summary>Batches whose gradients are put together for one update: memory of a small batch, gradient of a large one.</summary>
    public int BatchesPerUpdate { get; init; } = 1;

    /// <summary>
    /// Decay of the exponential moving average of the weights (Polyak and Juditsky 1992), which is validated and kept in place of the weights; null for none.
    /// </summary>
    public float? EmaDecay { get; init; }

    /// <summary>
    /// Whether the gradient is that of the loss summed over a row's steps and averaged over rows, instead of averaged over both; losses are told as means all
    /// the same.
    /// </summary>
    public bool SumLossOverSteps { get; init; }

    /// <summary>The greatest global L2 norm of the gradients, by which they are scaled down (Pascanu et al. 2013); infinity for none.</summary>
    public float GradientClipNorm { get; init; } = 1;

    /// <summary>The greatest size of one element of a gradient, applied before the norm; infinity for none.</summary>
    public float GradientClipValue { get; init; } = float.PositiveInfinity;

    /// <summary>Epochs without improvement of the validation loss after which training stops; the best weights are restored.</summary>
    public int EarlyStoppingPatience { get; init; } = 5;

    /// <summary>What early stopping watches; the head has to know it.</summary>
    public ValidationMetric EarlyStoppingMetric { get; init; }

    /// <summary>By how much, as a share of the best loss, the validation loss has to fall to count as an improvement.</summary>
    public double EarlyStoppingMinimumChange { get; init; }

    /// <summary>Seed of the weights, of the examples' order and of dropout.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Threads, or null for as many as there are processors.</summary>
    public int? Threads { get; init; }

    /// <summary>
    /// Standard deviation of noise added to the gradients (Neelakantan et al. 2015), in the first update; in update t it is divided by t^0.275. 0 for none.
    /// </summary>
    public float GradientNoise { get; init; }

    /// <summary>Steps of a segment of a long sequence whose gates are computed anew in the backward pass, to save memory; null to keep all.</summary>
    public int? SegmentSteps { get; init; }

    /// <summary>Steps after which gradients of recurrent states end; null where they go back to the sequence's beginning.</summary>
    public int? TruncationSteps { get; init; }

    /// <summary>How often a decoder is fed with the truth; null for always.</summary>
    public TeacherForcing? TeacherForcing { get; init; }

    /// <summary>Random changes of the training sequences; null for none.</summary>
    public SequenceAugmentation? Augmentation { get; init; }

    /// <summary>Where figures go besides progress; whoever made the loggers disposes them.</summary>
    public IReadOnlyList<TrainingLogger> Loggers { get; init; } = [];

    /// <summary>Updates from one log entry to the next.</summary>
    public int LogEverySteps { get; init; } = 10;

    /// <summary>Whether entries hold the norms of gradients and weights, and figures of the layers' outputs.</summary>
    public bool LogStatistics { get; init; }

    /// <summary>The folder of the run's checkpoint; null for none.</summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>Updates between two checkpoints; null for none by count.</summary>
    public int? CheckpointEverySteps { get; init; }

    /// <summary>Time between two checkpoints; there is always one at the end of an epoch and of the run.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether to go on from the checkpoint in the folder, if there is one.</summary>
    public bool Resume { get; init; }
}
