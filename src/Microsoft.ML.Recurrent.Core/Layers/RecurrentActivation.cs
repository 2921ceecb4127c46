namespace Microsoft.ML.Recurrent;

/// <summary>The activation of a simple recurrent network's state.</summary>
public enum RecurrentActivation
{
    /// <summary>Hyperbolic tangent, the default; the only one that ONNX Runtime runs on CUDA.</summary>
    Tanh,

    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>x where positive, 0.01 x elsewhere.</summary>
    LeakyRelu,

    /// <summary>x where positive, exp(x) - 1 elsewhere (Clevert et al. 2016).</summary>
    Elu,

    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid,
}
