using Microsoft.ML.Recurrent.Distributions;

namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>Arithmetic over scalars, in double precision.</summary>
internal sealed class ScalarArithmetic : IQuantileArithmetic<double>
{
    public static ScalarArithmetic Instance { get; } = new();

    public double Scalar(float value) => value;

    public double Add(double a, double b) => a + b;

    public double Multiply(double a, double b) => a * b;

    public double Divide(double a, double b) => a / b;

    public double ScaledSquare(double scale, double x) => scale * x * x;

    public double Maximum(double a, double b) => Math.Max(a, b);

    public double Minimum(double a, double b) => Math.Min(a, b);

    public double Sqrt(double x) => Math.Sqrt(x);

    public double Softplus(double x) => SpecialFunctions.Softplus(x, out _);

    public double StudentTQuantile(double excess, double score) =>
        Distributions.StudentTQuantile.At(score, Distributions.StudentTQuantile.MinimumFreedom + excess);

    public double NegativeBinomialQuantile(double mean, double dispersion, double score) =>
        Distributions.NegativeBinomialQuantile.At(mean, dispersion, StandardNormal.Cumulative(score));
}
