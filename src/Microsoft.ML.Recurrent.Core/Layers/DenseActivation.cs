namespace Microsoft.ML.Recurrent;

/// <summary>An element-wise activation, of a dense layer or as a separate layer.</summary>
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

    /// <summary>x if positive, otherwise 0.01 x (Maas et al. 2013).</summary>
    LeakyRelu,

    /// <summary>x if positive, otherwise exp(x) - 1 (Clevert et al. 2016).</summary>
    Elu,

    /// <summary>x times the standard normal distribution function of x, in its exact form (Hendrycks and Gimpel 2016).</summary>
    Gelu,

    /// <summary>x / (1 + exp(-x)), also called swish (Elfwing et al. 2018).</summary>
    Silu,

    /// <summary>log(1 + exp(x)).</summary>
    Softplus,
}
