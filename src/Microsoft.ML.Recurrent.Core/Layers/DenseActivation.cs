namespace Microsoft.ML.Recurrent;

/// <summary>The activation of a dense layer.</summary>
public enum DenseActivation
{
    /// <summary>None: the layer is affine.</summary>
    Identity,

    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid,
}
