namespace Microsoft.ML.Recurrent.Optimizers;

/// <summary>An optimizer of the Adam family (Kingma and Ba 2015), with PyTorch's defaults.</summary>
internal abstract class MomentOptimizer : Optimizer
{
    /// <summary>Decay rate of the mean of the gradients.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>Decay rate of the second moment.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Added where an update divides.</summary>
    public float Epsilon { get; init; } = 1e-8f;
}
