namespace Microsoft.ML.Recurrent.Training;

/// <summary>How a network is trained. The trainers' public options are mapped onto it.</summary>
internal sealed record TrainingSettings
{
    public int MaximumNumberOfEpochs { get; init; } = 50;

    public float LearningRate { get; init; } = 1e-3f;

    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>Of stochastic gradient descent.</summary>
    public float Momentum { get; init; }

    /// <summary>The greatest global L2 norm of the gradients, by which they are scaled down (Pascanu et al. 2013); infinity for none.</summary>
    public float GradientClipNorm { get; init; } = 1;

    /// <summary>Epochs without improvement of the validation loss after which training stops; the best weights are restored.</summary>
    public int EarlyStoppingPatience { get; init; } = 5;

    /// <summary>By how much, as a share of the best loss, the validation loss has to fall to count as an improvement.</summary>
    public double EarlyStoppingMinimumChange { get; init; }

    /// <summary>Seed of the weights, of the examples' order and of dropout.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Threads, or null for as many as there are processors.</summary>
    public int? Threads { get; init; }
}
