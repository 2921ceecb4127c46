using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Tensors;
using static Microsoft.ML.Recurrent.Distributions.SpecialFunctions;

namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>
/// A Student-t distribution per step, whose heavy tails are robust to outliers. Parameters: degrees of freedom as 2 + softplus, the location, and the scale as
/// softplus. The forecast is the location; bounds are a multiple of the scale away from it.
/// </summary>
internal sealed class StudentTLikelihood : Likelihood
{
    // The minimum of (degrees of freedom - 2) in the variance.
    private const float LeastExcess = 1e-2f;

    public static StudentTLikelihood Instance { get; } = new();

    public override string Name => "StudentT";

    public override int ParametersPerStep => 3;

    public override (int First, int Count) LocationParameters => (1, 1);

    public override bool IsDistribution => true;

    public override bool ShrinksTowardNaive => true;

    public override Tensor Loss(Tape tape, Tensor values, Tensor targets, Tensor? weights = null, Tensor? units = null) =>
        DistributionLosses.NegativeLogLikelihood(tape, values, targets, weights, units, ParametersPerStep, static (
            ReadOnlySpan<double> p, double target, double _, Span<double> d) =>
        {
            var freedom = 2 + Softplus(p[0], out var slopeOfFreedom);
            var scale = Softplus(p[2], out var slopeOfScale);
            var z = (target - p[1]) / scale;
            var ratio = z * z / freedom;
            var log = Math.Log(1 + ratio);
            d[0] = 0.5 * (Digamma(freedom / 2) - Digamma((freedom + 1) / 2) + 1 / freedom + log - (freedom + 1) / freedom * ratio / (1 + ratio))
                * slopeOfFreedom;
            d[1] = -(freedom + 1) / freedom * z / (scale * (1 + ratio));
            d[2] = (1 - (freedom + 1) * ratio / (1 + ratio)) / scale * slopeOfScale;
            return LogGamma(freedom / 2) - LogGamma((freedom + 1) / 2) + 0.5 * Math.Log(freedom * Math.PI) + Math.Log(scale) + (freedom + 1) / 2 * log;
        });

    public override DecodedForecast<T> Decode<T>(IArithmetic<T> on, IStepParameters<T> parameters, T? unit)
        where T : class
    {
        var location = parameters[1];
        return new(location, location, location, on.Softplus(parameters[2]));
    }

    // The variance of t is freedom / (freedom - 2).
    public override T Deviation<T>(IArithmetic<T> on, IStepParameters<T> parameters, T scale)
    {
        var excess = on.Maximum(on.Softplus(parameters[0]), on.Scalar(LeastExcess));
        return on.Multiply(scale, on.Sqrt(on.Divide(on.Add(excess, on.Scalar(StudentTQuantile.MinimumFreedom)), excess)));
    }

    public override T Quantile<T>(IQuantileArithmetic<T> on, IStepParameters<T> parameters, T unit, T score) =>
        on.Add(parameters[1], on.Multiply(on.Softplus(parameters[2]), on.StudentTQuantile(on.Softplus(parameters[0]), score)));
}
