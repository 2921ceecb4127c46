namespace Microsoft.ML.Recurrent;

/// <summary>The activation of a simple recurrent network's state.</summary>
public enum RecurrentActivation
{
    /// <summary>Hyperbolic tangent, the default; the only one that ONNX Runtime runs on CUDA.</summary>
    Tanh,

    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>x if positive, otherwise 0.01 x.</summary>
    LeakyRelu,

    /// <summary>x if positive, otherwise exp(x) - 1 (Clevert et al. 2016).</summary>
    Elu,

    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid,
}
