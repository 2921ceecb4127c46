namespace Microsoft.ML.Recurrent;

/// <summary>What happens to gradients before a step of the optimizer: clipping, noise, accumulation, and how much memory they take.</summary>
public sealed class GradientOptions : IOptionGroup
{
    /// <summary>
    /// Maximum norm of all gradients together; longer ones are scaled down to it (Pascanu et al. 2013). Greater than 0; infinity for none. Default: 1.
    /// </summary>
    public float ClipNorm { get; set; } = 1;

    /// <summary>
    /// Maximum absolute value of one element of a gradient, applied before <see cref="ClipNorm"/>. Greater than 0; infinity for none. Default: infinity.
    /// </summary>
    public float ClipValue { get; set; } = float.PositiveInfinity;

    /// <summary>
    /// Standard deviation of noise added to the gradients of the first step; it falls with the number of steps t as t^-0.275 (Neelakantan et al. 2015).
    /// At least 0. Default: 0.
    /// </summary>
    public float Noise { get; set; }

    /// <summary>
    /// Batches whose gradients are accumulated for one step of the optimizer, at least 1: the gradient of a large batch in the memory of a small one.
    /// Default: 1.
    /// </summary>
    public int AccumulationSteps { get; set; } = 1;

    /// <summary>
    /// For sequences of varying length: the most steps of a batch, at least 1, counted as rows times the steps of the longest (a token budget). Sequences of
    /// similar length share a batch, which holds as many of them as it takes, at most <see cref="OptimizerOptions.BatchSize"/> if that is given; a longer
    /// sequence has a batch of its own. Default: null, batches of <see cref="OptimizerOptions.BatchSize"/> sequences, and fewer of long ones: at most one and a
    /// half times as many steps as such a batch has on average.
    /// </summary>
    public int? MaximumStepsPerBatch { get; set; }

    /// <summary>
    /// Gradient checkpointing for long sequences: the recurrent layers keep the intermediate values of this many time steps at a time and recompute them in the
    /// backward pass, which saves most of the memory for about a third more time. About the square root of the sequence length is best; at least 1. Layers
    /// with zoneout, recurrent dropout, a projection or normalization inside the cell keep everything. Default: null, everything is kept.
    /// </summary>
    public int? CheckpointSteps { get; set; }

    /// <summary>Throws where the option is set although all sequences have one length.</summary>
    internal void RefuseMaximumSteps(string reason)
    {
        if (MaximumStepsPerBatch is null) return;
        throw new OptionChecks("Optimizer.Gradients").Refused(nameof(MaximumStepsPerBatch), "is for sequences of varying length, but " + reason);
    }

    internal void Check()
    {
        var checks = new OptionChecks("Optimizer.Gradients");
        checks.Positive(ClipNorm);
        checks.Positive(ClipValue);
        checks.NotNegative(Noise);
        checks.AtLeastOne(AccumulationSteps);
        checks.AtLeastOne(CheckpointSteps);
        checks.AtLeastOne(MaximumStepsPerBatch);
    }
}
