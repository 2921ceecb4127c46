namespace Microsoft.ML.Recurrent.Distributions;

/// <summary>The standard normal distribution, in double precision.</summary>
internal static class StandardNormal
{
    private static readonly double s_rootTwoPi = Math.Sqrt(2 * Math.PI);

    public static double Density(double z) => Math.Exp(-0.5 * z * z) / s_rootTwoPi;

    /// <summary>
    /// The cumulative probability at <paramref name="z"/>: near 0 by the series z + z^3/3 + z^5/15 + ... (Marsaglia 2004), in the tails by Laplace's continued
    /// fraction, which keeps the relative precision of small probabilities.
    /// </summary>
    public static double Cumulative(double z)
    {
        if (double.IsNaN(z)) return double.NaN;
        var tail = Math.Abs(z);
        if (tail < 3)
        {
            double sum = z, term = z, previous = 0;
            for (var i = 3; sum != previous; i += 2)
            {
                previous = sum;
                term *= z * z / i;
                sum += term;
            }
            return 0.5 + sum * Density(z);
        }
        if (tail > 38.6) return z > 0 ? 1 : 0;
        var fraction = 0.0;
        for (var i = 80; i >= 1; i--) fraction = i / (tail + fraction);
        var upper = Density(tail) / (tail + fraction);
        return z > 0 ? 1 - upper : upper;
    }

    /// <summary>The quantile at <paramref name="level"/>: a rational starting value, then Halley steps on <see cref="Cumulative"/>.</summary>
    public static double Quantile(double level)
    {
        if (level is <= 0 or >= 1) return level == 0 ? double.NegativeInfinity : level == 1 ? double.PositiveInfinity : double.NaN;
        if (level > 0.5) return -Quantile(1 - level);
        // Abramowitz and Stegun 26.2.23, accurate to 4.5e-4.
        var t = Math.Sqrt(-2 * Math.Log(level));
        var z = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
        for (var i = 0; i < 3; i++)
        {
            var step = (Cumulative(z) - level) / Density(z);
            z -= step / (1 + 0.5 * z * step);
        }
        return z;
    }
}
