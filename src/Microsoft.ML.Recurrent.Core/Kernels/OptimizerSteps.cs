namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>The constants of one step of Adam (Kingma and Ba 2015), as defined by PyTorch.</summary>
internal readonly struct AdamStep
{
    /// <summary>The learning rate of this step.</summary>
    public required float LearningRate { get; init; }

    /// <summary>The decay of the first moment.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>The decay of the second moment.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Added to the square root of the second moment.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>
    /// Weight decay: added to the gradient, or applied to the parameter directly if <see cref="Decoupled"/> (AdamW, Loshchilov and Hutter 2019).
    /// </summary>
    public float WeightDecay { get; init; }

    /// <summary>Whether weight decay is decoupled, as in AdamW.</summary>
    public bool Decoupled { get; init; }

    /// <summary>The number of this step, from 1, for bias correction.</summary>
    public required long Step { get; init; }

    /// <summary>A factor for the gradient, from clipping; 1 for none.</summary>
    public float GradientScale { get; init; } = 1;

    public AdamStep() { }
}

/// <summary>The constants of one step of SGD with momentum, as defined by PyTorch.</summary>
internal readonly struct SgdStep
{
    /// <summary>The learning rate of this step.</summary>
    public required float LearningRate { get; init; }

    /// <summary>The momentum; 0 for plain gradient descent.</summary>
    public float Momentum { get; init; }

    /// <summary>Dampening of the momentum.</summary>
    public float Dampening { get; init; }

    /// <summary>Whether to use Nesterov momentum.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay, added to the gradient.</summary>
    public float WeightDecay { get; init; }

    /// <summary>Whether this is the first step, which initializes the velocity with the gradient.</summary>
    public bool First { get; init; }

    /// <summary>A factor for the gradient, from clipping; 1 for none.</summary>
    public float GradientScale { get; init; } = 1;

    public SgdStep() { }
}
