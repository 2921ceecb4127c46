using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using static Microsoft.ML.Recurrent.Distributions.SpecialFunctions;
using static Microsoft.ML.Recurrent.Losses.RegressionLosses;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>
/// Losses of distributions against numbers. A row of predictions holds the distribution's parameters one after the other, each for all n targets of the row:
/// [rows, parameters x n] against [rows, n]. The mean is one over all targets, rows counting by their weights where there are any; targets that are missing (NaN) count 0.
/// </summary>
internal static class DistributionLosses
{
    /// <summary>Pinball loss: parameter k is the forecast of the quantile <paramref name="quantiles"/>[k] (Koenker and Bassett 1978), mean over quantiles too.</summary>
    public static Tensor Quantile(Tape tape, Tensor predictions, Tensor targets, float[] quantiles, Tensor? weights = null)
    {
        foreach (var q in quantiles)
        {
            if (q is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(quantiles), q, "A quantile lies between 0 and 1.");
        }

        Check(predictions, targets, quantiles.Length);
        return RowLoss.Apply<(Tensor Targets, float[] Quantiles)>(tape, predictions, WeightsOf(weights), (targets, quantiles),
            static (in (Tensor Targets, float[] Quantiles) state, int row, ReadOnlySpan<float> p, Span<float> d, float scale) =>
            {
                var n = p.Length / state.Quantiles.Length;
                var t = RowOf(state.Targets, row, n);
                double sum = 0;
                for (var i = 0; i < p.Length; i++)
                {
                    if (float.IsNaN(t[i % n]))
                    {
                        if (!d.IsEmpty) d[i] = 0;
                        continue;
                    }

                    var (q, error) = (state.Quantiles[i / n], t[i % n] - p[i]);
                    sum += error >= 0 ? q * error : (q - 1) * error;
                    if (!d.IsEmpty) d[i] = (error > 0 ? -q : error < 0 ? 1 - q : 0 * error) * scale / p.Length;
                }

                return sum / p.Length;
            });
    }

    /// <summary>Negative log-likelihood of a normal distribution: mean, then its deviation by way of softplus.</summary>
    public static Tensor Gaussian(Tape tape, Tensor predictions, Tensor targets, Tensor? weights = null) =>
        Likelihood(tape, predictions, targets, weights, 2, static (ReadOnlySpan<double> p, double target, double _, Span<double> d) =>
        {
            var deviation = Softplus(p[1], out var slope);
            var z = (target - p[0]) / deviation;
            d[0] = -z / deviation;
            d[1] = (1 - z * z) / deviation * slope;
            return Math.Log(deviation) + 0.5 * Math.Log(2 * Math.PI) + 0.5 * z * z;
        });

    /// <summary>Negative log-likelihood of Student's t: degrees of freedom as 2 + softplus, location, then scale by way of softplus.</summary>
    public static Tensor StudentT(Tape tape, Tensor predictions, Tensor targets, Tensor? weights = null) =>
        Likelihood(tape, predictions, targets, weights, 3, static (ReadOnlySpan<double> p, double target, double _, Span<double> d) =>
        {
            var freedom = 2 + Softplus(p[0], out var slopeOfFreedom);
            var scale = Softplus(p[2], out var slopeOfScale);
            var z = (target - p[1]) / scale;
            var ratio = z * z / freedom;
            var log = Math.Log(1 + ratio);
            d[0] = 0.5 * (Digamma(freedom / 2) - Digamma((freedom + 1) / 2) + 1 / freedom + log - (freedom + 1) / freedom * ratio / (1 + ratio)) * slopeOfFreedom;
            d[1] = -(freedom + 1) / freedom * z / (scale * (1 + ratio));
            d[2] = (1 - (freedom + 1) * ratio / (1 + ratio)) / scale * slopeOfScale;
            return LogGamma(freedom / 2) - LogGamma((freedom + 1) / 2) + 0.5 * Math.Log(freedom * Math.PI) + Math.Log(scale) + (freedom + 1) / 2 * log;
        });

    /// <summary>
    /// Negative log-likelihood of a negative binomial distribution of counts: mean and alpha, each by way of softplus; its variance is mean + alpha mean^2. With scales s, the mean is s softplus and alpha
    /// softplus / sqrt(s), as in DeepAR (Salinas et al. 2020).
    /// </summary>
    /// <param name="tape">Writes the operation down.</param>
    /// <param name="predictions">[rows, 2 x n].</param>
    /// <param name="targets">Counts [rows, n].</param>
    /// <param name="weights">[rows], or null.</param>
    /// <param name="scales">[rows, n], greater than 0; null for 1.</param>
    public static Tensor NegativeBinomial(Tape tape, Tensor predictions, Tensor targets, Tensor? weights = null, Tensor? scales = null) =>
        Likelihood(tape, predictions, targets, weights, 2, static (ReadOnlySpan<double> p, double count, double scale, Span<double> d) =>
        {
            // What rounds to 0 would have no logarithm.
            var mean = scale * Math.Max(Softplus(p[0], out var slopeOfMean), 1e-6);
            var alpha = Math.Max(Softplus(p[1], out var slopeOfAlpha), 1e-6) / Math.Sqrt(scale);
            (slopeOfMean, slopeOfAlpha) = (slopeOfMean * scale, slopeOfAlpha / Math.Sqrt(scale));
            var (r, spread) = (1 / alpha, 1 + alpha * mean);
            d[0] = ((count * alpha + 1) / spread - count / mean) * slopeOfMean;
            d[1] = ((Digamma(count + r) - Digamma(r) - Math.Log(spread)) * r * r + r * mean / spread - count * r + count * mean / spread) * slopeOfAlpha;
            return LogGamma(r) + LogGamma(count + 1) - LogGamma(count + r) + (r + count) * Math.Log(spread) - count * Math.Log(alpha * mean);
        }, scales);

    // One target's negative log-likelihood, and its slopes.
    private delegate double Density(ReadOnlySpan<double> parameters, double target, double scale, Span<double> slopes);

    private static Tensor Likelihood(Tape tape, Tensor predictions, Tensor targets, Tensor? weights, int parameters, Density density, Tensor? scales = null)
    {
        Check(predictions, targets, parameters);
        return RowLoss.Apply<(Tensor Targets, int Parameters, Density Density, Tensor? Scales)>(tape, predictions, WeightsOf(weights), (targets, parameters, density, scales),
            static (in (Tensor Targets, int Parameters, Density Density, Tensor? Scales) state, int row, ReadOnlySpan<float> p, Span<float> d, float scale) =>
            {
                var n = p.Length / state.Parameters;
                var t = RowOf(state.Targets, row, n);
                Span<double> own = stackalloc double[state.Parameters];
                Span<double> slopes = stackalloc double[state.Parameters];
                double sum = 0;
                for (var i = 0; i < n; i++)
                {
                    for (var k = 0; k < own.Length; k++) own[k] = p[k * n + i];
                    if (float.IsNaN(t[i])) slopes.Clear();
                    else sum += state.Density(own, t[i], state.Scales is null ? 1 : state.Scales[row * n + i], slopes);
                    for (var k = 0; k < own.Length && !d.IsEmpty; k++) d[k * n + i] = (float)(slopes[k] * scale / n);
                }

                return sum / n;
            });
    }

    private static void Check(Tensor predictions, Tensor targets, int parameters)
    {
        if (predictions.Length != targets.Length * parameters || predictions.Shape.Rows != (predictions.Shape.Rank == 1 ? 1 : targets.Length / (predictions.Shape.Columns / parameters)))
            throw new ArgumentException($"A distribution of {parameters} parameters and targets {targets.Shape} take predictions [rows, {parameters} x targets], not {predictions.Shape}.", nameof(predictions));
    }
}
