namespace Microsoft.ML.Recurrent;

/// <summary>The optimizer of a training run, each by PyTorch's definition.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent, with momentum where that is set.</summary>
    Sgd,

    /// <summary>Adam (Kingma and Ba 2015), betas 0.9 and 0.999, epsilon 1e-8.</summary>
    Adam,
}
