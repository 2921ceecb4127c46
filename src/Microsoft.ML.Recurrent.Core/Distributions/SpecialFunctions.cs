namespace Microsoft.ML.Recurrent.Distributions;

/// <summary>Special functions for likelihoods, in double precision.</summary>
internal static class SpecialFunctions
{
    /// <summary>From this argument on an asymptotic series in 1/x has full precision; smaller arguments are raised by recurrence.</summary>
    private const double Asymptotic = 10;

    /// <summary>The logarithm of the gamma function for x > 0, by Stirling's series.</summary>
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

    /// <summary>log(1 + e^x) and its derivative 1 / (1 + e^-x).</summary>
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

    /// <summary>
    /// The regularized incomplete beta function I_x(a, b), by its continued fraction with Lentz's method (NIST Digital Library of Mathematical Functions,
    /// 8.17.22).
    /// </summary>
    public static double RegularizedBeta(double a, double b, double x)
    {
        if (x <= 0) return 0;
        if (x >= 1) return 1;
        // The continued fraction converges fast only below the mean.
        if (x > (a + 1) / (a + b + 2)) return 1 - RegularizedBeta(b, a, 1 - x);
        const double Tiny = 1e-300;
        double c = 1, d = 1 / NotZero(1 - (a + b) * x / (a + 1)), fraction = d;
        for (var m = 1; m < 10_000; m++)
        {
            var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / NotZero(1 + even * d);
            c = NotZero(1 + even / c);
            fraction *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / NotZero(1 + odd * d);
            c = NotZero(1 + odd / c);
            fraction *= d * c;
            if (Math.Abs(d * c - 1) < 1e-15) break;
        }
        return Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * Math.Log(x) + b * Math.Log(1 - x)) * fraction / a;

        static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
    }
}
