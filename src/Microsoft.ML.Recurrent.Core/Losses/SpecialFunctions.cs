namespace Microsoft.ML.Recurrent.Losses;

/// <summary>Functions that likelihoods need and the runtime lacks, in double precision.</summary>
internal static class SpecialFunctions
{
    /// <summary>Up to here an asymptotic series in 1/x gives full precision; smaller arguments are carried up by recurrence.</summary>
    private const double Asymptotic = 10;

    /// <summary>log of the gamma function for x > 0, by Stirling's series.</summary>
    public static double LogGamma(double x)
    {
        if (!(x > 0)) return x == 0 ? double.PositiveInfinity : double.NaN;
        double product = 1;
        for (; x < Asymptotic; x++) product *= x;
        var z = 1 / (x * x);
        var series = (1.0 / 12 + z * (-1.0 / 360 + z * (1.0 / 1260 + z * (-1.0 / 1680 + z * (1.0 / 1188 + z * (-691.0 / 360360 + z / 156)))))) / x;
        return (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI) + series - Math.Log(product);
    }

    /// <summary>The derivative of <see cref="LogGamma"/>.</summary>
    public static double Digamma(double x)
    {
        if (!(x > 0)) return double.NaN;
        double sum = 0;
        for (; x < Asymptotic; x++) sum -= 1 / x;
        var z = 1 / (x * x);
        return sum + Math.Log(x) - 0.5 / x - z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132 - z * 691 / 32760)))));
    }

    /// <summary>log(1 + e^x), and its slope 1 / (1 + e^-x).</summary>
    public static double Softplus(double x, out double slope)
    {
        var e = Math.Exp(-Math.Abs(x));
        slope = (x >= 0 ? 1 : e) / (1 + e);
        return Math.Max(x, 0) + Math.Log(1 + e);
    }

    /// <summary>log(e^a + e^b).</summary>
    public static double LogAdd(double a, double b)
    {
        var (greater, less) = a > b ? (a, b) : (b, a);
        return double.IsNegativeInfinity(greater) ? greater : greater + Math.Log(1 + Math.Exp(less - greater));
    }
}
