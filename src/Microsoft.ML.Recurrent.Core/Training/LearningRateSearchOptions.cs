using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent;

/// <summary>Options of a learning-rate search.</summary>
public sealed class LearningRateSearchOptions
{
    /// <summary>The search of a fit: few steps, as it is part of training.</summary>
    internal static LearningRateSearchOptions BeforeTraining => new() { MinimumLearningRate = 1e-4f, NumberOfSteps = 60 };

    /// <summary>The rate of the first step, greater than 0. Default: 1e-6.</summary>
    public float MinimumLearningRate { get; set; } = 1e-6f;

    /// <summary>The rate of the last step, greater than <see cref="MinimumLearningRate"/>. Default: 1.</summary>
    public float MaximumLearningRate { get; set; } = 1;

    /// <summary>Optimizer steps, at least 10; the rate grows by a constant factor per step. Default: 100.</summary>
    public int NumberOfSteps { get; set; } = 100;

    /// <summary>Receives every step. Default: null.</summary>
    public IProgress<LearningRateTrial>? Progress { get; set; }

    /// <summary>Ends the search early; the result holds the steps so far. Default: none.</summary>
    public CancellationToken CancellationToken { get; set; }

    internal void Check()
    {
        if (!(MinimumLearningRate > 0 && float.IsFinite(MinimumLearningRate)))
            throw new ArgumentOutOfRangeException(nameof(MinimumLearningRate), MinimumLearningRate,
                $"The option {nameof(MinimumLearningRate)} must be greater than 0.");
        if (!(MaximumLearningRate > MinimumLearningRate && float.IsFinite(MaximumLearningRate)))
            throw new ArgumentOutOfRangeException(nameof(MaximumLearningRate), MaximumLearningRate,
                $"The option {nameof(MaximumLearningRate)} must be greater than {nameof(MinimumLearningRate)} ({MinimumLearningRate}).");
        if (NumberOfSteps < LearningRateFinder.FewestSteps)
            throw new ArgumentOutOfRangeException(nameof(NumberOfSteps), NumberOfSteps,
                $"The option {nameof(NumberOfSteps)} must be at least {LearningRateFinder.FewestSteps}.");
    }
}
