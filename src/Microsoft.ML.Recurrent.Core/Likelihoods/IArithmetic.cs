namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>
/// Element-wise arithmetic for the formulas of likelihoods, which are written once for tensors on the tape, scalars and nodes of an ONNX graph. Operations are
/// recorded in the order of the calls.
/// </summary>
/// <typeparam name="T">A tensor, a number, or the name of a tensor in a graph.</typeparam>
internal interface IArithmetic<T>
{
    /// <summary>A constant; broadcasts to any shape.</summary>
    T Scalar(float value);

    T Add(T a, T b);

    T Multiply(T a, T b);

    T Divide(T a, T b);

    /// <summary>scale x^2. Each arithmetic has its own order of the products: it determines the last bit, which saved files must keep.</summary>
    T ScaledSquare(T scale, T x);

    T Maximum(T a, T b);

    T Minimum(T a, T b);

    T Sqrt(T x);

    /// <summary>log(1 + e^x).</summary>
    T Softplus(T x);
}

/// <summary>
/// Arithmetic with quantile functions that have no closed form. The quantile at a normal score is the value with the same cumulative probability as the score
/// has in the standard normal distribution.
/// </summary>
/// <typeparam name="T">A number, or the name of a tensor in a graph.</typeparam>
internal interface IQuantileArithmetic<T> : IArithmetic<T>
{
    /// <summary>The quantile of Student's t with 2 + <paramref name="excess"/> degrees of freedom.</summary>
    T StudentTQuantile(T excess, T score);

    /// <summary>The quantile of a negative binomial distribution with variance mean + dispersion mean^2: a whole number.</summary>
    T NegativeBinomialQuantile(T mean, T dispersion, T score);
}
