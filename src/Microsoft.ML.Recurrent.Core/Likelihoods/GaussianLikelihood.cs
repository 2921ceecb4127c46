using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Tensors;
using static Microsoft.ML.Recurrent.Distributions.SpecialFunctions;

namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>
/// A normal distribution per step (as in DeepAR, Salinas et al. 2020). Parameters: the mean, and the standard deviation as softplus. The forecast is the mean.
/// Bounds are a multiple of the standard deviation away from it, so they widen where the network is uncertain.
/// </summary>
internal sealed class GaussianLikelihood : Likelihood
{
    public static GaussianLikelihood Instance { get; } = new();

    public override string Name => "Gaussian";

    public override int ParametersPerStep => 2;

    public override bool IsDistribution => true;

    public override bool ShrinksTowardNaive => true;

    public override Tensor Loss(Tape tape, Tensor values, Tensor targets, Tensor? weights = null, Tensor? units = null) =>
        DistributionLosses.NegativeLogLikelihood(tape, values, targets, weights, units, ParametersPerStep, static (
            ReadOnlySpan<double> p, double target, double _, Span<double> d) =>
        {
            var deviation = Softplus(p[1], out var slope);
            var z = (target - p[0]) / deviation;
            d[0] = -z / deviation;
            d[1] = (1 - z * z) / deviation * slope;
            return Math.Log(deviation) + 0.5 * Math.Log(2 * Math.PI) + 0.5 * z * z;
        });

    public override DecodedForecast<T> Decode<T>(IArithmetic<T> on, IStepParameters<T> parameters, T? unit)
        where T : class
    {
        var mean = parameters[0];
        return new(mean, mean, mean, on.Softplus(parameters[1]));
    }

    public override T Quantile<T>(IQuantileArithmetic<T> on, IStepParameters<T> parameters, T unit, T score) =>
        on.Add(parameters[0], on.Multiply(on.Softplus(parameters[1]), score));
}
