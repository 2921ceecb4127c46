namespace Microsoft.ML.Recurrent.Distributions;

/// <summary>The quantile function of the negative binomial distribution.</summary>
internal static class NegativeBinomialQuantile
{
    /// <summary>The minimum mean (in units of counts) and dispersion of a forecast: softplus can round to 0, which has no logarithm.</summary>
    public const float MinimumParameter = 1e-6f;

    /// <summary>The probability of a count or less; 0 below 0.</summary>
    /// <param name="mean">Greater than 0.</param>
    /// <param name="dispersion">The variance is mean + dispersion mean^2; greater than 0.</param>
    /// <param name="count">A whole number.</param>
    public static double Cumulative(double mean, double dispersion, double count)
    {
        var r = 1 / Math.Max(dispersion, 1e-6);
        return count < 0 ? 0 : Math.Clamp(SpecialFunctions.RegularizedBeta(r, count + 1, r / (r + mean)), 0, 1);
    }

    /// <summary>The smallest count whose cumulative probability reaches <paramref name="probability"/>.</summary>
    /// <param name="mean">Greater than 0.</param>
    /// <param name="dispersion">The variance is mean + dispersion mean^2; greater than 0.</param>
    /// <param name="probability">Between 0 and 1.</param>
    public static double At(double mean, double dispersion, double probability)
    {
        var r = 1 / Math.Max(dispersion, 1e-6);
        var success = r / (r + mean);
        double low = -1, high = Math.Ceiling(mean + Math.Sqrt(mean + mean * mean / r));
        while (Cumulative(high) < probability && high < 1e15) (low, high) = (high, 2 * high + 1);
        while (high - low > 1)
        {
            var middle = Math.Floor((low + high) / 2);
            if (Cumulative(middle) < probability) low = middle;
            else high = middle;
        }
        return high;

        double Cumulative(double count) => SpecialFunctions.RegularizedBeta(r, count + 1, success);
    }
}
