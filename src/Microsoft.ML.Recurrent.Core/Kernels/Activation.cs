namespace Microsoft.ML.Recurrent.Kernels;

/// <summary>
/// An element-wise function. <c>alpha</c> is the slope of <see cref="LeakyRelu"/> below zero or the scale of <see cref="Elu"/>; ignored by the others.
/// </summary>
internal enum Activation
{
    /// <summary>tanh(x).</summary>
    Tanh,

    /// <summary>1 / (1 + e^-x).</summary>
    Sigmoid,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x above zero, alpha x below.</summary>
    LeakyRelu,

    /// <summary>x above zero, alpha (e^x - 1) below.</summary>
    Elu,

    /// <summary>x Φ(x) with the exact standard normal distribution function.</summary>
    Gelu,

    /// <summary>x sigmoid(x), also called swish.</summary>
    Silu,

    /// <summary>log(1 + e^x).</summary>
    Softplus,
}
