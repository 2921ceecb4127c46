namespace Microsoft.ML.Recurrent.Training;

/// <summary>Settings of a training run, to which the public options of the trainers are mapped.</summary>
internal sealed record TrainingSettings
{
    public int MaximumNumberOfEpochs { get; init; } = 50;

    /// <summary>Maximum time of training with validation; null for no limit. A schedule reaches its end with it.</summary>
    public TimeSpan? MaximumTrainingTime { get; init; }

    public float LearningRate { get; init; } = 1e-3f;

    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>Momentum of SGD and RMSprop.</summary>
    public float Momentum { get; init; }

    /// <summary>Constants of the optimizer that differ from its defaults.</summary>
    public Optimizers.OptimizerConstants OptimizerConstants { get; init; }

    /// <summary>The learning-rate schedule; null for a constant rate.</summary>
    public LearningRateSchedule? Schedule { get; init; }

    /// <summary>Weight decay of weight matrices, not of biases: an L2 penalty or, for AdamW, decoupled.</summary>
    public float WeightDecay { get; init; }

    /// <summary>Coefficient of an L1 penalty on weight matrices.</summary>
    public float L1Regularization { get; init; }

    /// <summary>
    /// The learning rate of a linear path over n-grams (<see cref="Networks.NgramPath"/>), which Adagrad trains, for each unit of the other one.
    /// </summary>
    public double NgramRateFactor { get; init; } = 150;

    /// <summary>Gradient accumulation: batches per weight update. Gives the gradient of a large batch with the memory of a small one.</summary>
    public int BatchesPerUpdate { get; init; } = 1;

    /// <summary>
    /// Decay of the exponential moving average of the weights (Polyak and Juditsky 1992), which replaces the weights in validation and in the model; null for
    /// none.
    /// </summary>
    public float? EmaDecay { get; init; }

    /// <summary>
    /// Whether the gradient is that of the loss summed over the steps of a row and averaged over rows, instead of averaged over both. Reported losses are means
    /// in both cases.
    /// </summary>
    public bool SumLossOverSteps { get; init; }

    /// <summary>The maximum global L2 norm of the gradients, to which they are clipped (Pascanu et al. 2013); infinity for none.</summary>
    public float GradientClipNorm { get; init; } = 1;

    /// <summary>The maximum absolute value of a gradient element, applied before the norm; infinity for none.</summary>
    public float GradientClipValue { get; init; } = float.PositiveInfinity;

    /// <summary>Early-stopping patience: epochs without improvement after which training stops and the best weights are restored.</summary>
    public int EarlyStoppingPatience { get; init; } = 5;

    /// <summary>The metric for early stopping; the head must support it.</summary>
    public ValidationMetric EarlyStoppingMetric { get; init; }

    /// <summary>A metric that the progress of each epoch tells, besides that of early stopping; the head must support it. Null for none.</summary>
    public ValidationMetric? WatchedMetric { get; init; }

    /// <summary>The minimum relative decrease of the best validation loss that counts as an improvement.</summary>
    public double EarlyStoppingMinimumChange { get; init; }

    /// <summary>Decay of the moving average of the validation loss, or of another metric, whose improvement early stopping waits for; 0 for none.</summary>
    public double EarlyStoppingSmoothing { get; init; }

    /// <summary>Seed of weight initialization, shuffling and dropout.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Threads; null for the number of processors.</summary>
    public int? Threads { get; init; }

    /// <summary>Standard deviation of the gradient noise (Neelakantan et al. 2015) at the first update; divided by t^0.275 at update t. 0 for none.</summary>
    public float GradientNoise { get; init; }

    /// <summary>Gradient checkpointing: steps per segment whose gates are recomputed in the backward pass; null to keep all.</summary>
    public int? SegmentSteps { get; init; }

    /// <summary>Truncated backpropagation: steps after which state gradients are cut; null for the whole sequence.</summary>
    public int? TruncationSteps { get; init; }

    /// <summary>The teacher-forcing schedule of a decoder; null for always.</summary>
    public TeacherForcing? TeacherForcing { get; init; }

    /// <summary>Random augmentation of the training sequences; null for none.</summary>
    public SequenceAugmentation? Augmentation { get; init; }

    /// <summary>Of each token, whether it comes once in the training part; null if <see cref="Augmentation"/> does not ask.</summary>
    public bool[]? RareTokens { get; init; }

    /// <summary>The loggers; their creator disposes them.</summary>
    public IReadOnlyList<TrainingLogger> Loggers { get; init; } = [];

    /// <summary>Updates between two log entries.</summary>
    public int LogEverySteps { get; init; } = 10;

    /// <summary>Whether log entries include gradient norms, weight norms and layer statistics.</summary>
    public bool LogStatistics { get; init; }

    /// <summary>The folder of the checkpoint; null for none.</summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>Updates between two checkpoints; null for no limit by count.</summary>
    public int? CheckpointEverySteps { get; init; }

    /// <summary>Time between two checkpoints. One is always written at the end of an epoch and of the run.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether the losses are cross-entropies per token, as those of a language model.</summary>
    public bool HasPerplexity { get; init; }

    /// <summary>Whether to resume from the checkpoint in the folder, if there is one.</summary>
    public bool Resume { get; init; }
}
