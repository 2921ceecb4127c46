namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>The Naive2 forecast of the M4 competition (Makridakis, Spiliotis and Assimakopoulos 2020).</summary>
internal sealed class Naive2Baseline : ForecastBaseline
{
    /// <summary>The two-sided 90% point of the normal distribution, as the competition has it.</summary>
    private const double Significance = 1.645;

    public override string Name => "Naive2";

    public override void Forecast(ReadOnlySpan<double> history, int season, Span<double> forecast)
    {
        var indices = IsSeasonal(history, season) ? SeasonalIndices(history, season) : null;
        // Multiplication has no meaning for indices that are 0 or less (series that change their sign).
        if (indices is null || indices.Any(index => !(index > 0)))
        {
            forecast.Fill(history[^1]);
            return;
        }
        var level = history[^1] / indices[(history.Length - 1) % season];
        for (var i = 0; i < forecast.Length; i++) forecast[i] = level * indices[(history.Length + i) % season];
    }

    /// <summary>Whether the autocorrelation at one season is significant (Bartlett's formula), over three seasons or more.</summary>
    public static bool IsSeasonal(ReadOnlySpan<double> history, int season)
    {
        if (season <= 1 || history.Length < 3 * season) return false;
        var correlations = Autocorrelation.Compute(history, season);
        var sum = 1.0;
        for (var lag = 1; lag < season; lag++) sum += 2 * correlations[lag - 1] * correlations[lag - 1];
        return Math.Abs(correlations[season - 1]) > Significance / Math.Sqrt(history.Length) * Math.Sqrt(sum);
    }

    /// <summary>Classical multiplicative decomposition: the mean ratio to the centred moving average at each place of the season, their mean being 1.</summary>
    public static double[] SeasonalIndices(ReadOnlySpan<double> history, int season)
    {
        var sums = new double[season];
        var counts = new int[season];
        var half = season / 2;
        var even = season % 2 == 0;
        for (var i = half; i < history.Length - half; i++)
        {
            var window = history.Slice(i - half, 2 * half + 1);
            var average = System.Numerics.Tensors.TensorPrimitives.Sum(window);
            // An even season's window has one value too many: its two ends count by half.
            if (even) average -= 0.5 * (window[0] + window[^1]);
            average /= season;
            if (average == 0) continue;
            sums[i % season] += history[i] / average;
            counts[i % season]++;
        }
        for (var i = 0; i < season; i++) sums[i] = counts[i] > 0 ? sums[i] / counts[i] : 1;
        var mean = sums.Average();
        for (var i = 0; i < season; i++) sums[i] /= mean;
        return sums;
    }
}
