using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;

namespace Microsoft.ML.Recurrent;

/// <summary>A forecast distribution of one value: samples, quantiles, or normal. <see cref="ForecastMetric"/> scores it by quantile loss and CRPS.</summary>
public abstract class ForecastDistribution
{
    private protected ForecastDistribution()
    {
    }

    /// <summary>The quantile at <paramref name="level"/>.</summary>
    /// <param name="level">The level, between 0 and 1.</param>
    public abstract double Quantile(double level);

    /// <summary>
    /// The continuous ranked probability score, the integral of (F(x) - 1{x >= <paramref name="actual"/>})^2 over x, in the unit of the series (Gneiting and
    /// Raftery 2007). It is the absolute error if the distribution is one point. Lower is better.
    /// </summary>
    /// <param name="actual">The actual value.</param>
    public abstract double RankedProbabilityScore(double actual);

    /// <summary>
    /// Creates a distribution from samples of equal weight. Quantiles interpolate linearly between the sorted samples (at position level (n - 1)); the score is
    /// E|X - y| - E|X - X'| / 2 over all pairs.
    /// </summary>
    /// <param name="samples">At least one number; they are copied.</param>
    /// <exception cref="ArgumentException">There are no samples.</exception>
    public static ForecastDistribution FromSamples(ReadOnlySpan<double> samples)
    {
        if (samples.IsEmpty) throw new ArgumentException("A distribution needs at least one sample.", nameof(samples));
        var sorted = samples.ToArray();
        Array.Sort(sorted);
        return new SampleDistribution(sorted);
    }

    /// <inheritdoc cref="FromSamples(ReadOnlySpan{double})"/>
    public static ForecastDistribution FromSamples(ReadOnlySpan<float> samples)
    {
        var numbers = new double[samples.Length];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = samples[i];
        return FromSamples(numbers.AsSpan());
    }

    /// <summary>
    /// Creates a distribution from quantiles, linear between their levels and constant beyond the outer ones; crossing values are sorted. The score is twice
    /// the mean quantile loss over the levels, which converges to the integral as evenly spaced levels get denser (Laio and Tamea 2007).
    /// </summary>
    /// <param name="levels">The levels, between 0 and 1, increasing.</param>
    /// <param name="values">The value at each level.</param>
    /// <exception cref="ArgumentException">The lengths differ, there are none, or levels do not increase between 0 and 1.</exception>
    public static ForecastDistribution FromQuantiles(ReadOnlySpan<double> levels, ReadOnlySpan<double> values)
    {
        if (levels.IsEmpty) throw new ArgumentException("A distribution needs at least one quantile.", nameof(levels));
        if (values.Length != levels.Length) throw new ArgumentException($"{values.Length} values for {levels.Length} levels.", nameof(values));
        for (var i = 0; i < levels.Length; i++)
        {
            if (!(levels[i] is > 0 and < 1) || i > 0 && levels[i] <= levels[i - 1])
                throw new ArgumentException("Levels must increase, each between 0 and 1.", nameof(levels));
        }
        var sorted = values.ToArray();
        Array.Sort(sorted);
        return new QuantileDistribution(levels.ToArray(), sorted);
    }

    /// <summary>Creates a normal distribution; its score has a closed form (Gneiting et al. 2005). A standard deviation of 0 is one point.</summary>
    /// <param name="mean">The mean.</param>
    /// <param name="standardDeviation">The standard deviation, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The standard deviation is negative.</exception>
    public static ForecastDistribution Gaussian(double mean, double standardDeviation) =>
        standardDeviation < 0
            ? throw new ArgumentOutOfRangeException(nameof(standardDeviation), standardDeviation, "The standard deviation must be at least 0.")
        : standardDeviation == 0 ? Point(mean) : new GaussianDistribution(mean, standardDeviation);

    /// <summary>Creates a point mass, to compare a point forecast with distributions.</summary>
    /// <param name="value">The value.</param>
    public static ForecastDistribution Point(double value) => new PointDistribution(value);

    private sealed class PointDistribution(double value) : ForecastDistribution
    {
        public override double Quantile(double level) => value;

        public override double RankedProbabilityScore(double actual) => Math.Abs(actual - value);
    }

    private sealed class GaussianDistribution(double mean, double deviation) : ForecastDistribution
    {
        public override double Quantile(double level) => mean + deviation * StandardNormal.Quantile(level);

        public override double RankedProbabilityScore(double actual)
        {
            var z = (actual - mean) / deviation;
            return deviation * (z * (2 * StandardNormal.Cumulative(z) - 1) + 2 * StandardNormal.Density(z) - 1 / Math.Sqrt(Math.PI));
        }
    }

    private sealed class SampleDistribution(double[] sorted) : ForecastDistribution
    {
        public override double Quantile(double level)
        {
            var place = level * (sorted.Length - 1);
            var below = Math.Clamp((int)place, 0, sorted.Length - 1);
            var above = Math.Min(below + 1, sorted.Length - 1);
            return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
        }

        // Of sorted samples the sum of |X - X'| over all pairs is 2 sum (2i + 1 - n) x[i]: no double loop.
        public override double RankedProbabilityScore(double actual)
        {
            double distance = 0, pairs = 0, n = sorted.Length;
            for (var i = 0; i < sorted.Length; i++)
            {
                distance += Math.Abs(sorted[i] - actual);
                pairs += (2 * i + 1 - n) * sorted[i];
            }
            return distance / n - pairs / (n * n);
        }
    }

    private sealed class QuantileDistribution(double[] levels, double[] values) : ForecastDistribution
    {
        public override double Quantile(double level)
        {
            if (level <= levels[0]) return values[0];
            for (var i = 1; i < levels.Length; i++)
            {
                if (level <= levels[i]) return values[i - 1] + (values[i] - values[i - 1]) * ((level - levels[i - 1]) / (levels[i] - levels[i - 1]));
            }
            return values[^1];
        }

        public override double RankedProbabilityScore(double actual)
        {
            var loss = 0.0;
            for (var i = 0; i < levels.Length; i++) loss += ForecastMetric.Pinball(actual, values[i], levels[i]);
            return 2 * loss / levels.Length;
        }
    }
}
