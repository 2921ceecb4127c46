namespace Microsoft.ML.Recurrent.Explanations;

/// <summary>Gauss-Legendre quadrature from 0 to 1: n points whose weighted sum is exact for polynomials of degree 2n - 1.</summary>
internal static class GaussLegendre
{
    public static (double[] Points, double[] Weights) Create(int count)
    {
        var (points, weights) = (new double[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            // The roots of the Legendre polynomial by Newton's method, from Chebyshev's points.
            var x = Math.Cos(Math.PI * (i + 0.75) / (count + 0.5));
            double slope, change;
            do
            {
                var (value, before) = (1.0, 0.0);
                for (var n = 1; n <= count; n++) (value, before) = (((2 * n - 1) * x * value - (n - 1) * before) / n, value);
                slope = count * (x * value - before) / (x * x - 1);
                change = value / slope;
                x -= change;
            }
            while (Math.Abs(change) > 1e-14);
            (points[i], weights[i]) = ((1 + x) / 2, 1 / ((1 - x * x) * slope * slope));
        }
        return (points, weights);
    }
}
