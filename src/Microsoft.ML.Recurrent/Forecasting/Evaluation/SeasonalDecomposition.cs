namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>Classical decomposition (as R's decompose), and the seasonality test of the M4 competition and R's thetaf.</summary>
internal static class SeasonalDecomposition
{
    /// <summary>Whether the autocorrelation at one season is significant (Bartlett's formula).</summary>
    /// <param name="history">The series.</param>
    /// <param name="season">Season length in steps, at least 2.</param>
    /// <param name="significance">The threshold in standard deviations.</param>
    public static bool IsSignificant(ReadOnlySpan<double> history, int season, double significance)
    {
        var correlations = Autocorrelation.Compute(history, season);
        var sum = 1.0;
        for (var lag = 1; lag < season; lag++) sum += 2 * correlations[lag - 1] * correlations[lag - 1];
        return Math.Abs(correlations[season - 1]) > significance / Math.Sqrt(history.Length) * Math.Sqrt(sum);
    }

    /// <summary>The mean ratio to the centered moving average at each position of the season, scaled to a mean of 1.</summary>
    public static double[] Factors(ReadOnlySpan<double> history, int season)
    {
        var factors = Means(history, season, static (value, average) => average == 0 ? double.NaN : value / average, 1);
        var mean = factors.Average();
        for (var i = 0; i < season; i++) factors[i] /= mean;
        return factors;
    }

    /// <summary>The mean difference from the centered moving average at each position of the season, shifted to a mean of 0.</summary>
    public static double[] Differences(ReadOnlySpan<double> history, int season)
    {
        var differences = Means(history, season, static (value, average) => value - average, 0);
        var mean = differences.Average();
        for (var i = 0; i < season; i++) differences[i] -= mean;
        return differences;
    }

    private static double[] Means(ReadOnlySpan<double> history, int season, Func<double, double, double> compare, double neutral)
    {
        var sums = new double[season];
        var counts = new int[season];
        var half = season / 2;
        var even = season % 2 == 0;
        for (var i = half; i < history.Length - half; i++)
        {
            var window = history.Slice(i - half, 2 * half + 1);
            var average = System.Numerics.Tensors.TensorPrimitives.Sum(window);
            // For an even season, the two ends of the window count half.
            if (even) average -= 0.5 * (window[0] + window[^1]);
            var compared = compare(history[i], average / season);
            if (double.IsNaN(compared)) continue;
            sums[i % season] += compared;
            counts[i % season]++;
        }
        for (var i = 0; i < season; i++) sums[i] = counts[i] > 0 ? sums[i] / counts[i] : neutral;
        return sums;
    }
}
