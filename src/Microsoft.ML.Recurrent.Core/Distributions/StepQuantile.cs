namespace Microsoft.ML.Recurrent.Distributions;

/// <summary>The value at a normal score of the distribution that a network's numbers make up.</summary>
internal static class StepQuantile
{
    /// <summary>The quantile: in the window's space; of counts in the data's own unit.</summary>
    /// <param name="distribution">Which distribution.</param>
    /// <param name="values">Where the network's numbers are.</param>
    /// <param name="at">Where its first parameter is.</param>
    /// <param name="stride">Numbers from one parameter to the next.</param>
    /// <param name="unit">Of counts, the unit (Salinas et al. 2020).</param>
    /// <param name="score">The normal score.</param>
    public static float At(StepDistribution distribution, ReadOnlySpan<float> values, int at, int stride, float unit, double score)
    {
        switch (distribution)
        {
            case StepDistribution.Gaussian:
                return (float)(values[at] + Softplus(values[at + stride]) * score);
            case StepDistribution.StudentT:
                return (float)(values[at + stride] + Softplus(values[at + 2 * stride]) * StudentTQuantile.At(score, StudentTQuantile.LeastFreedom + Softplus(values[at])));
            case StepDistribution.NegativeBinomial:
                var (mean, dispersion) = (unit * Math.Max(Softplus(values[at]), NegativeBinomialQuantile.MinimumParameter), Math.Max(Softplus(values[at + stride]), NegativeBinomialQuantile.MinimumParameter) / Math.Sqrt(unit));
                return (float)NegativeBinomialQuantile.At(mean, dispersion, StandardNormal.Cumulative(score));
            default:
                throw new InvalidOperationException($"Nothing can be drawn from {distribution}.");
        }
    }

    private static double Softplus(double x) => SpecialFunctions.Softplus(x, out _);
}
