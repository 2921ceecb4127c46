namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>
/// Elementwise arithmetic, in which a likelihood's formulas are written once: over tensors of the tape, single numbers and the nodes of an ONNX graph.
/// Operations are recorded in the order of the calls.
/// </summary>
/// <typeparam name="T">A tensor, a number, or the name of a graph's tensor.</typeparam>
internal interface IArithmetic<T>
{
    /// <summary>A constant, which fits any shape.</summary>
    T Scalar(float value);

    T Add(T a, T b);

    T Multiply(T a, T b);

    T Divide(T a, T b);

    /// <summary>scale x^2. The order of the products is each arithmetic's own: it decides the last bit, and files keep theirs.</summary>
    T ScaledSquare(T scale, T x);

    T Maximum(T a, T b);

    T Minimum(T a, T b);

    T Sqrt(T x);

    /// <summary>log(1 + e^x).</summary>
    T Softplus(T x);
}

/// <summary>
/// Arithmetic with the quantile functions that have no closed form. A quantile of a distribution at a normal score is the value below which the same share
/// lies.
/// </summary>
/// <typeparam name="T">A number, or the name of a graph's tensor.</typeparam>
internal interface IQuantileArithmetic<T> : IArithmetic<T>
{
    /// <summary>The quantile of Student's t with 2 + <paramref name="excess"/> degrees of freedom.</summary>
    T StudentTQuantile(T excess, T score);

    /// <summary>The quantile of a negative binomial distribution of variance mean + dispersion mean^2: a whole number.</summary>
    T NegativeBinomialQuantile(T mean, T dispersion, T score);
}
