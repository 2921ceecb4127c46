using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Losses;
using Microsoft.ML.Recurrent.Tensors;
using static Microsoft.ML.Recurrent.Distributions.SpecialFunctions;

namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>
/// A negative binomial distribution of counts per step, as in DeepAR (Salinas et al. 2020). Parameters: the mean as u softplus, and the dispersion as softplus
/// / sqrt(u), where u is one plus the mean of the target over the window, so that one network serves small and large counts. The variance is mean + dispersion
/// mean^2. The forecast is the mean; bounds are quantiles, whose levels are calibrated. Values are in data units: no level or season is
/// removed.
/// </summary>
internal sealed class NegativeBinomialLikelihood : Likelihood
{
    // Softplus can round to 0, which has no logarithm.
    private const float Minimum = NegativeBinomialQuantile.MinimumParameter;

    public static NegativeBinomialLikelihood Instance { get; } = new();

    public override string Name => "NegativeBinomial";

    public override int ParametersPerStep => 2;

    public override (int First, int Count) LocationParameters => (0, 0);

    public override bool IsDistribution => true;

    public override bool IsInDataUnit => true;

    public override bool CalibratesLevels => true;

    public override TargetDomain? Domain { get; } = new(
        "counts", "whole numbers from 0 on. Choose another likelihood, or round.", static target => target >= 0 && target == MathF.Floor(target));

    public override Tensor Loss(Tape tape, Tensor values, Tensor targets, Tensor? weights = null, Tensor? units = null) =>
        DistributionLosses.NegativeLogLikelihood(tape, values, targets, weights, units, ParametersPerStep, static (
            ReadOnlySpan<double> p, double count, double unit, Span<double> d) =>
        {
            var mean = unit * Math.Max(Softplus(p[0], out var slopeOfMean), 1e-6);
            var alpha = Math.Max(Softplus(p[1], out var slopeOfAlpha), 1e-6) / Math.Sqrt(unit);
            (slopeOfMean, slopeOfAlpha) = (slopeOfMean * unit, slopeOfAlpha / Math.Sqrt(unit));
            var (r, spread) = (1 / alpha, 1 + alpha * mean);
            d[0] = ((count * alpha + 1) / spread - count / mean) * slopeOfMean;
            d[1] = ((Digamma(count + r) - Digamma(r) - Math.Log(spread)) * r * r + r * mean / spread - count * r + count * mean / spread) * slopeOfAlpha;
            return LogGamma(r) + LogGamma(count + 1) - LogGamma(count + r) + (r + count) * Math.Log(spread) - count * Math.Log(alpha * mean);
        });

    public override DecodedForecast<T> Decode<T>(IArithmetic<T> on, IStepParameters<T> parameters, T? unit)
        where T : class
    {
        var mean = Forecast(on, parameters[0], unit!);
        var dispersion = Dispersion(on, parameters[1], unit!);
        var deviation = on.Sqrt(on.Add(mean, on.ScaledSquare(dispersion, mean)));
        return new(mean, mean, mean, deviation);
    }

    public override T Forecast<T>(IArithmetic<T> on, T parameter, T unit) => on.Multiply(unit, AtLeast(on, parameter));

    public override float Forecast(float parameter, float unit, out float slope)
    {
        var mean = Math.Max((float)Softplus(parameter, out var slopeOfSoftplus), Minimum);
        slope = (float)slopeOfSoftplus * unit;
        return unit * mean;
    }

    public override T Quantile<T>(IQuantileArithmetic<T> on, IStepParameters<T> parameters, T unit, T score)
    {
        var mean = Forecast(on, parameters[0], unit);
        return on.NegativeBinomialQuantile(mean, Dispersion(on, parameters[1], unit), score);
    }

    public override double Score(IStepParameters<double> parameters, double unit, double value)
    {
        var on = ScalarArithmetic.Instance;
        var (mean, dispersion) = (Forecast(on, parameters[0], unit), Dispersion(on, parameters[1], unit));
        return StandardNormal.Quantile((Cumulative(value - 1) + Cumulative(value)) / 2);

        double Cumulative(double count) => NegativeBinomialQuantile.Cumulative(mean, dispersion, count);
    }

    private static T Dispersion<T>(IArithmetic<T> on, T parameter, T unit) => on.Divide(AtLeast(on, parameter), on.Sqrt(unit));

    private static T AtLeast<T>(IArithmetic<T> on, T parameter) => on.Maximum(on.Softplus(parameter), on.Scalar(Minimum));
}
