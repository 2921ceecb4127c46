using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Intervals by split-conformal prediction (Papadopoulos et al. 2002; Lei et al. 2018): the half width at each step is that quantile of the head's conformity
/// scores (residuals in units of the window's own spread, say) on examples that were not learned which, were they exchangeable with what comes, covers the next
/// one with at least the wanted probability.
/// </summary>
internal static class ConformalCalibration
{
    /// <summary>
    /// Sets the head's half widths, where it has bounds, from the residuals on <paramref name="examples"/>; returns the scores' quantiles at other levels,
    /// where those make bounds.
    /// </summary>
    public static (ImmutableArray<float> Quantiles, ImmutableArray<float> Correlations) Calibrate(Network network, ForecastHead head, ExampleSet examples,
        float level)
    {
        var residuals = new float[head.Steps][];
        for (var i = 0; i < residuals.Length; i++) residuals[i] = new float[examples.Examples.Length];
        float[][] steps = [.. residuals.Select(output => new float[output.Length])];
        head.BeginCalibration(network, examples);
        using var tape = new Tape { Recording = false };
        using var batch = new SequenceBatch();
        var batches = examples.Batches(256);
        var done = 0;
        for (batches.Begin(null); batches.Next(batch); tape.Reset())
        {
            var output = network.Forward(tape, batch);
            var scores = head.Scores(tape, output, batch.Targets!).Span;
            for (var i = 0; i < scores.Length; i++) residuals[i % residuals.Length][done + i / residuals.Length] = scores[i];
            var signed = head.Residuals(tape, output, batch.Targets!).Span;
            for (var i = 0; i < signed.Length; i++) steps[i % steps.Length][done + i / steps.Length] = signed[i];
            done += batch.Rows;
        }
        residuals = Known(residuals);
        for (var i = 0; i < residuals.Length && head.HalfWidths is not null; i++) head.HalfWidths.Value[i] = Quantile(residuals[i], level);
        var stretch = head is { Likelihood.BoundsStretch: true, HalfWidths: not null };
        return (stretch ? ResidualQuantiles.Create(residuals) : [], Correlations(steps, head.TargetsPerStep));
    }

    // By output the correlation of its normal scores with those of the same target one step before: 2 sin(pi/6 rho) of the ranks' correlation rho (Spearman's),
    // as holds for a Gaussian copula.
    private static ImmutableArray<float> Correlations(float[][] residuals, int targets)
    {
        var ranks = residuals.Select(Ranks).ToArray();
        return [.. ranks.Select((rank, i) => i < targets ? 0 : (float)(2 * Math.Sin(Math.PI / 6 * Pearson(ranks[i - targets], rank))))];

        static double[] Ranks(float[] values)
        {
            var order = Enumerable.Range(0, values.Length).Where(i => !float.IsNaN(values[i])).OrderBy(i => values[i]).ToArray();
            var ranks = new double[values.Length];
            Array.Fill(ranks, double.NaN);
            for (var i = 0; i < order.Length; i++) ranks[order[i]] = i;
            return ranks;
        }

        static double Pearson(double[] a, double[] b)
        {
            double count = 0, sumA = 0, sumB = 0, squaresA = 0, squaresB = 0, products = 0;
            for (var i = 0; i < a.Length; i++)
            {
                if (double.IsNaN(a[i] + b[i])) continue;
                (count, sumA, sumB) = (count + 1, sumA + a[i], sumB + b[i]);
                (squaresA, squaresB, products) = (squaresA + a[i] * a[i], squaresB + b[i] * b[i], products + a[i] * b[i]);
            }
            var variances = (squaresA - sumA * sumA / count) * (squaresB - sumB * sumB / count);
            return variances > 0 ? Math.Clamp((products - sumA * sumB / count) / Math.Sqrt(variances), -0.999, 0.999) : 0;
        }
    }

    // Targets that are missing tell nothing. An output of which all are missing takes the others' residuals.
    private static float[][] Known(float[][] residuals)
    {
        float[][] known = [.. residuals.Select(output => output.Where(residual => !float.IsNaN(residual)).Order().ToArray())];
        if (!known.Any(output => output.Length == 0)) return known;
        float[] all = [.. known.SelectMany(output => output).Order()];
        if (all.Length == 0)
            throw new ArgumentException(
                "Bounds cannot be calibrated: all targets of the examples that were held back are missing. Hold back more of them (the option "
                    + "Stopping.ValidationFraction).", "validationData");
        return [.. known.Select(output => output.Length == 0 ? all : output)];
    }

    /// <summary>The ceil((n + 1) level)-th smallest of sorted residuals; the greatest where there are too few for the level.</summary>
    internal static float Quantile(float[] residuals, double level)
    {
        var rank = (int)Math.Min(residuals.Length, Math.Ceiling((residuals.Length + 1) * level - 1e-9));
        return residuals[Math.Max(rank, 1) - 1];
    }
}
