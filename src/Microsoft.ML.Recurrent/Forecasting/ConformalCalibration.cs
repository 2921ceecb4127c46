using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Intervals by split conformal prediction (Papadopoulos et al. 2002; Lei et al. 2018). The half width at each step is a quantile of the head's conformity
/// scores (such as residuals divided by the volatility of the window) on held-out examples. It covers the next value with at least the target probability if
/// the examples are exchangeable with it.
/// </summary>
internal static class ConformalCalibration
{
    /// <summary>Training windows whose residuals are looked at, spread evenly over the series and their time.</summary>
    public const int MostTrainingWindows = 4096;

    /// <summary>
    /// Sets the half widths of a head with bounds from the residuals on <paramref name="examples"/>: NaN if there are too few for the level.
    /// <para>
    /// Examples are held out at the end of the series, in one season. If residuals of the training windows, of all seasons, are larger, these count: the end of
    /// the series was an easy time. Besides those of the trained network these are the ones of <paramref name="early"/> with <see cref="Since"/>.
    /// </para>
    /// </summary>
    public static Result Calibrate(Network network, ForecastHead head, ExampleSet examples, ExampleSet train, float level, EarlyResiduals? early = null)
    {
        if (early?.Learned is null) head.BeginCalibration(network, examples, train);
        var (scores, signed) = Measure(network, head, examples);
        var residuals = Known(scores);
        var count = residuals.Min(output => output.Length);
        if (head.HalfWidths is null) return new([], Correlations(signed, head.TargetsPerStep), count);
        var held = ScoreQuantiles.Create(residuals, level);
        var quantiles = held;
        if (examples != train)
        {
            var learned = Quantiles(network, head, train.Subsample(MostTrainingWindows), level);
            // One factor for all steps of a target: the larger quantile of each step would pick what is larger by chance.
            var factors = learned.Over(held, head.TargetsPerStep);
            if (early is { Learned: { } before, Held: { } heldBefore })
            {
                var (changes, memorized) = (held.Over(heldBefore, factors.Length), learned.Over(before, factors.Length));
                var larger = before.Over(held, factors.Length);
                for (var i = 0; i < factors.Length; i++) factors[i] = Math.Max(factors[i], Since(changes[i], memorized[i]) * larger[i]);
            }
            quantiles = held.Times(Array.ConvertAll(factors, factor => Math.Max(1, factor)));
        }
        for (var i = 0; i < residuals.Length; i++) head.HalfWidths.Value[i] = Holds(residuals[i].Length, level) ? quantiles.OfBounds[i] : float.NaN;
        return new(head.Likelihood.BoundsStretch ? quantiles.Table : [], Correlations(signed, head.TargetsPerStep), count);
    }

    /// <summary>
    /// The factor by which residuals of windows of other seasons have changed since the first epoch. Those of the held-out windows tell it, for their season.
    /// If the residuals of the training windows fell by more, the network has memorized them: held / learned is then above 1, and residuals of other seasons
    /// have changed by a factor between held and held / learned times that. The geometric middle is taken.
    /// </summary>
    /// <param name="held">The factor of the held-out windows.</param>
    /// <param name="learned">That of the training windows.</param>
    internal static float Since(float held, float learned) => held * MathF.Sqrt(Math.Max(1, held / learned));

    /// <summary>The quantiles of the conformity scores of examples.</summary>
    public static ScoreQuantiles Quantiles(Network network, ForecastHead head, ExampleSet examples, float level) =>
        ScoreQuantiles.Create(Known(Measure(network, head, examples).Scores), level);

    // By output, the conformity scores and the signed residuals of all examples.
    private static (float[][] Scores, float[][] Signed) Measure(Network network, ForecastHead head, ExampleSet examples)
    {
        var (scores, signed) = (Outputs(), Outputs());
        var done = 0;
        foreach (var (tape, batch) in examples.Batches(256).ForInference())
        {
            var output = network.Forward(tape, batch);
            Add(scores, head.Scores(tape, output, batch.Targets!).Span);
            Add(signed, head.Residuals(tape, output, batch.Targets!).Span);
            done += batch.Rows;
        }
        return (scores, signed);

        float[][] Outputs() => [.. Enumerable.Range(0, head.Steps).Select(_ => new float[examples.Count])];

        void Add(float[][] outputs, Span<float> values)
        {
            for (var i = 0; i < values.Length; i++) outputs[i % outputs.Length][done + i / outputs.Length] = values[i];
        }
    }

    /// <summary>Whether bounds of a level can hold with a number of residuals: their largest is exceeded with a probability of 1 / (count + 1).</summary>
    public static bool Holds(int count, double level) => Math.Ceiling((count + 1) * level - 1e-6) <= count;

    /// <summary>The smallest number of residuals that a level needs.</summary>
    public static int Needed(double level) => (int)Math.Ceiling(level / (1 - level) - 1e-4);

    /// <summary>What a calibration found beside the half widths.</summary>
    /// <param name="Quantiles">The quantiles of the scores at other levels (<see cref="ResidualQuantiles"/>), if they give bounds.</param>
    /// <param name="Correlations">By output, those of neighboring steps.</param>
    /// <param name="Count">The residuals of the output with the fewest.</param>
    public sealed record Result(ImmutableArray<float> Quantiles, ImmutableArray<float> Correlations, int Count);

    // By output, the correlation of its normal scores with those of the same target one step before: 2 sin(pi/6 rho) with Spearman's rank correlation rho, as
    // for a Gaussian copula.
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

    // Missing targets are ignored. An output with only missing targets uses the residuals of the others.
    private static float[][] Known(float[][] residuals)
    {
        float[][] known = [.. residuals.Select(output => output.Where(residual => !float.IsNaN(residual)).Order().ToArray())];
        if (!known.Any(output => output.Length == 0)) return known;
        float[] all = [.. known.SelectMany(output => output).Order()];
        if (all.Length == 0)
            throw new ArgumentException(
                "Bounds cannot be calibrated: all targets of the validation examples are missing. Hold out more examples (the option "
                    + "Stopping.ValidationFraction).", "validationData");
        return [.. known.Select(output => output.Length == 0 ? all : output)];
    }

    /// <summary>The ceil((n + 1) level)-th smallest of sorted residuals; the largest if there are too few for the level.</summary>
    internal static float Quantile(float[] residuals, double level)
    {
        var rank = (int)Math.Min(residuals.Length, Math.Ceiling((residuals.Length + 1) * level - 1e-9));
        return residuals[Math.Max(rank, 1) - 1];
    }
}
