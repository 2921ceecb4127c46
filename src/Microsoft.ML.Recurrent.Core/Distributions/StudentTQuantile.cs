namespace Microsoft.ML.Recurrent.Distributions;

/// <summary>
/// The quantile of Student's t at a normal score: the value with the same cumulative probability as the score has in the standard normal distribution. t = z r
/// sqrt(e^y sinh(y) / y) with y = (r z)^2 / (2 freedom) is exact for the right r. Wallace's approximation (1959) uses a constant r; here r is a sum of products
/// of Chebyshev polynomials in |score| and 1 / freedom. Relative error 1e-6 up to scores of 4, 3e-5 up to the maximum score.
/// </summary>
internal static class StudentTQuantile
{
    /// <summary>Scores are clamped to this value; the tail probability there is 1e-10.</summary>
    public const float GreatestScore = 6.5f;

    /// <summary>The minimum degrees of freedom: at 2 and below the variance is infinite.</summary>
    public const float MinimumFreedom = 2;

    /// <summary>Numbers of polynomials in the score and in 1 / freedom.</summary>
    public const int ScoreTerms = 13, FreedomTerms = 10;

    // Fitted at the nodes of 24 and 16 Chebyshev polynomials to r = sqrt(freedom log(1 + t^2 / freedom)) / z, with t from bisection of the distribution
    // function.
    private static readonly float[] s_coefficients =
    [
        1.04324174e+00f, 3.85949885e-02f, -3.75305160e-03f, 7.28636519e-04f, -1.58789840e-04f, 2.18303571e-05f, 5.53221827e-06f, -6.20894021e-06f,
        3.01711344e-06f, -9.23875134e-07f,
        -2.28160860e-02f, -2.72577250e-02f, -2.95336022e-03f, 1.15296275e-03f, -3.03813323e-04f, 5.33813558e-05f, 4.77439979e-06f, -1.00103035e-05f,
        5.42391831e-06f, -1.80239616e-06f,
        4.36935589e-04f, 1.82470845e-03f, 1.76595786e-03f, 1.51945718e-04f, -1.70822172e-04f, 5.73823188e-05f, -7.57672871e-06f, -4.15504411e-06f,
        3.69507229e-06f, -1.57785604e-06f,
        1.93330609e-03f, 2.44793131e-03f, 2.98523938e-04f, -2.58584913e-04f, -1.86408639e-06f, 3.00987433e-05f, -1.21511217e-05f, 1.20000113e-06f,
        1.44948512e-06f, -1.06943724e-06f,
        -6.47468979e-04f, -1.03655837e-03f, -4.65826835e-04f, -3.58324536e-05f, 4.67788273e-05f, -2.54418591e-06f, -6.09515635e-06f, 2.83581887e-06f,
        -2.34068240e-07f, -4.19034819e-07f,
        -1.30831305e-05f, 3.00664002e-05f, 9.80048681e-05f, 6.80143508e-05f, 4.70573798e-06f, -9.41644526e-06f, 9.30756226e-07f, 1.34296847e-06f,
        -6.91511491e-07f, 5.08907752e-08f,
        7.49330354e-05f, 1.17192087e-04f, 4.66978649e-05f, -4.87569976e-06f, -1.19966742e-05f, -7.98930997e-07f, 2.05906615e-06f, -2.69155811e-07f,
        -3.10870549e-07f, 1.71668903e-07f,
        -1.62012429e-05f, -3.25224451e-05f, -2.72260491e-05f, -1.30514970e-05f, -3.09219111e-07f, 2.43280673e-06f, 1.57352168e-07f, -4.72999426e-07f,
        7.22864754e-08f, 7.42530869e-08f,
        -6.35391883e-06f, -8.91843985e-06f, -1.15686872e-06f, 3.61681402e-06f, 2.82102107e-06f, 2.20779404e-07f, -5.30166873e-07f, -3.46866972e-08f,
        1.11934516e-07f, -1.87842831e-08f,
        3.79047008e-06f, 6.90129932e-06f, 4.75945003e-06f, 1.77599518e-06f, -3.11663139e-07f, -5.99858337e-07f, -7.39200970e-08f, 1.20466151e-07f,
        8.26328339e-09f, -2.69988758e-08f,
        1.15445923e-07f, -1.52796648e-07f, -8.45263016e-07f, -1.03465633e-06f, -5.55904698e-07f, -9.33637031e-09f, 1.30242137e-07f, 2.14489794e-08f,
        -2.80966136e-08f, -2.05166633e-09f,
        -6.39275293e-07f, -1.10228086e-06f, -6.44093610e-07f, -1.32254826e-07f, 1.51844504e-07f, 1.36582400e-07f, 1.52126562e-08f, -2.88562009e-08f,
        -5.88530205e-09f, 6.67410504e-09f,
        1.34946862e-07f, 2.87437456e-07f, 2.94560710e-07f, 2.22539132e-07f, 8.85777382e-08f, -1.33249345e-08f, -3.10735907e-08f, -5.80514255e-09f,
        6.50719494e-09f, 1.56565183e-09f,
    ];

    /// <summary>
    /// The coefficients, [<see cref="ScoreTerms"/>, <see cref="FreedomTerms"/>], of polynomials in 2 |z| / <see cref="GreatestScore"/> - 1 and 4 / freedom - 1.
    /// </summary>
    public static ReadOnlySpan<float> Coefficients => s_coefficients;

    /// <summary>The quantile.</summary>
    /// <param name="score">The normal score.</param>
    /// <param name="freedom">Degrees of freedom, at least <see cref="MinimumFreedom"/>.</param>
    public static double At(double score, double freedom)
    {
        score = Math.Clamp(score, -GreatestScore, GreatestScore);
        var a = Math.Acos(2 * Math.Abs(score) / GreatestScore - 1);
        var b = Math.Acos(Math.Clamp(2 * MinimumFreedom / freedom - 1, -1, 1));
        double ratio = 0;
        for (var i = 0; i < ScoreTerms; i++)
        {
            double sum = 0;
            for (var j = 0; j < FreedomTerms; j++) sum += s_coefficients[i * FreedomTerms + j] * Math.Cos(j * b);
            ratio += sum * Math.Cos(i * a);
        }

        var y = ratio * score * ratio * score / (2 * freedom);
        return score * ratio * Math.Sqrt(Math.Exp(y) * (y > 0 ? Math.Sinh(y) / y : 1));
    }
}
