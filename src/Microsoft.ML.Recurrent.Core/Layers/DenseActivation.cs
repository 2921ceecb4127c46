namespace Microsoft.ML.Recurrent;

/// <summary>An element-wise activation, of a dense layer or a layer of its own.</summary>
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

    /// <summary>x where positive, 0.01 x elsewhere (Maas et al. 2013).</summary>
    LeakyRelu,

    /// <summary>x where positive, exp(x) - 1 elsewhere (Clevert et al. 2016).</summary>
    Elu,

    /// <summary>x times the normal distribution function of x, in its exact form (Hendrycks and Gimpel 2016).</summary>
    Gelu,

    /// <summary>x / (1 + exp(-x)), also called swish (Elfwing et al. 2018).</summary>
    Silu,

    /// <summary>log(1 + exp(x)).</summary>
    Softplus,
}
