using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Tensors;
using static Microsoft.ML.Recurrent.Losses.RegressionLosses;

namespace Microsoft.ML.Recurrent.Losses;

/// <summary>
/// Losses of distributions. A row of predictions holds the parameters of the distribution one after the other, each for all n targets of the row: [rows,
/// parameters x n] against targets [rows, n]. The loss is the mean over all targets, with rows weighted if there are weights; missing targets (NaN) have a loss
/// of 0.
/// </summary>
internal static class DistributionLosses
{
    /// <summary>
    /// Pinball loss (Koenker and Bassett 1978): parameter k is the forecast of the quantile <paramref name="quantiles"/>[k]; mean over quantiles too.
    /// </summary>
    public static Tensor Quantile(Tape tape, Tensor predictions, Tensor targets, float[] quantiles, Tensor? weights = null)
    {
        foreach (var q in quantiles)
        {
            if (q is not (> 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(quantiles), q, "A quantile must be between 0 and 1.");
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

    /// <summary>The negative log-likelihood of one target in its unit, and its derivatives with respect to the parameters.</summary>
    public delegate double Density(ReadOnlySpan<double> parameters, double target, double unit, Span<double> slopes);

    /// <summary>Negative log-likelihood of a distribution.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="predictions">[rows, parameters x n].</param>
    /// <param name="targets">[rows, n].</param>
    /// <param name="weights">[rows], or null.</param>
    /// <param name="units">[rows, n], greater than 0; null for 1.</param>
    /// <param name="parameters">Parameters of the distribution.</param>
    /// <param name="density">The negative log-likelihood of one target.</param>
    public static Tensor NegativeLogLikelihood(
        Tape tape, Tensor predictions, Tensor targets, Tensor? weights, Tensor? units, int parameters, Density density)
    {
        Check(predictions, targets, parameters);
        return RowLoss.Apply<(Tensor Targets, int Parameters, Density Density, Tensor? Units)>(
            tape, predictions, WeightsOf(weights), (targets, parameters, density, units),
            static (in (Tensor Targets, int Parameters, Density Density, Tensor? Units) state, int row, ReadOnlySpan<float> p, Span<float> d, float scale) =>
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
                    else sum += state.Density(own, t[i], state.Units is null ? 1 : state.Units[row * n + i], slopes);
                    for (var k = 0; k < own.Length && !d.IsEmpty; k++) d[k * n + i] = (float)(slopes[k] * scale / n);
                }

                return sum / n;
            });
    }

    private static void Check(Tensor predictions, Tensor targets, int parameters)
    {
        if (predictions.Length != targets.Length * parameters
            || predictions.Shape.Rows != (predictions.Shape.Rank == 1 ? 1 : targets.Length / (predictions.Shape.Columns / parameters)))
            throw new ArgumentException(
                $"A distribution of {parameters} parameters and targets {targets.Shape} need predictions [rows, {parameters} x targets], "
                    + $"not {predictions.Shape}.", nameof(predictions));
    }
}
