namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>The constants of one step of Adam (Kingma and Ba 2015), as PyTorch defines it.</summary>
internal readonly struct AdamStep
{
    /// <summary>The learning rate of this step.</summary>
    public required float LearningRate { get; init; }

    /// <summary>The decay of the first moment.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>The decay of the second moment.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Added to the root of the second moment.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>
    /// Weight decay: added to the gradient, or applied to the parameter itself where <see cref="Decoupled"/> (AdamW, Loshchilov and Hutter 2019).
    /// </summary>
    public float WeightDecay { get; init; }

    /// <summary>Whether weight decay is AdamW's.</summary>
    public bool Decoupled { get; init; }

    /// <summary>The number of this step, from 1: it corrects the bias of the moments.</summary>
    public required long Step { get; init; }

    /// <summary>What the gradient is multiplied by first: the factor of clipping by norm, 1 for none.</summary>
    public float GradientScale { get; init; } = 1;

    public AdamStep() { }
}

/// <summary>The constants of one step of gradient descent with momentum, as PyTorch defines it.</summary>
internal readonly struct SgdStep
{
    /// <summary>The learning rate of this step.</summary>
    public required float LearningRate { get; init; }

    /// <summary>The decay of the velocity; 0 for plain gradient descent.</summary>
    public float Momentum { get; init; }

    /// <summary>How much of a new gradient the velocity leaves out.</summary>
    public float Dampening { get; init; }

    /// <summary>Whether to look ahead (Nesterov).</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay, added to the gradient.</summary>
    public float WeightDecay { get; init; }

    /// <summary>Whether this is the first step: the velocity then starts as the gradient itself.</summary>
    public bool First { get; init; }

    /// <summary>What the gradient is multiplied by first: the factor of clipping by norm, 1 for none.</summary>
    public float GradientScale { get; init; } = 1;

    public SgdStep() { }
}
