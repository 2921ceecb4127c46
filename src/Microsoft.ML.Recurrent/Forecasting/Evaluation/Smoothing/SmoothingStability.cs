namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>
/// Whether a seasonal model is stable: the roots of its characteristic equation lie within the unit circle (Hyndman, Akram and Archibald 2008, "The admissible
/// parameter space for exponential smoothing models"). Models without a season are stable if the weights are within their bounds.
/// </summary>
internal static class SmoothingStability
{
    public static bool IsStable(SmoothingForm form, in SmoothingParameters parameters)
    {
        if (!form.HasSeason) return true;
        var (period, alpha, beta, gamma, phi) = (parameters.Season.Length, parameters.Alpha, parameters.Beta, parameters.Gamma, parameters.Phi);
        Span<double> polynomial = stackalloc double[period + 2];
        if (form.HasTrend)
        {
            polynomial.Fill(alpha + beta - alpha * phi);
            (polynomial[0], polynomial[1]) = (1, alpha + beta - phi);
            polynomial[^2] += gamma - 1;
            polynomial[^1] = phi * (1 - alpha - gamma);
            return AreRootsInside(polynomial);
        }
        // Without a trend, the equation above has a root at 1 that belongs to no state: it is divided out.
        polynomial = polynomial[..^1];
        polynomial.Fill(alpha);
        polynomial[0] = 1;
        polynomial[^1] = alpha + gamma - 1;
        return AreRootsInside(polynomial);
    }

    /// <summary>The Schur-Cohn test. The leading coefficient comes first and is 1; the polynomial is overwritten.</summary>
    private static bool AreRootsInside(Span<double> polynomial)
    {
        for (var degree = polynomial.Length - 1; degree > 0; degree--)
        {
            var reflection = polynomial[degree];
            if (!(Math.Abs(reflection) < 1)) return false;
            var scale = 1 / (1 - reflection * reflection);
            for (int low = 1, high = degree - 1; low <= high; low++, high--)
            {
                var (a, b) = (polynomial[low], polynomial[high]);
                polynomial[low] = (a - reflection * b) * scale;
                polynomial[high] = (b - reflection * a) * scale;
            }
        }
        return true;
    }
}
