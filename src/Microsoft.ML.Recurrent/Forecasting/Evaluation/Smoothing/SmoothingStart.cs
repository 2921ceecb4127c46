namespace Microsoft.ML.Recurrent.Forecasting.Evaluation.Smoothing;

/// <summary>The initial states of a model: a rough season, and the line through the first seasonally adjusted values (Hyndman et al. 2008, 2.6.1).</summary>
internal static class SmoothingStart
{
    private const double LeastFactor = 0.01;

    /// <summary>Sets the states and keeps the weights.</summary>
    public static void SetStates(SmoothingForm form, int period, ReadOnlySpan<double> series, ref SmoothingParameters parameters)
    {
        parameters.Season = Season(form.Season, period, series);
        var count = Math.Min(Math.Max(10, 2 * parameters.Season.Length), series.Length);
        var adjusted = new double[count];
        for (var i = 0; i < count; i++)
        {
            var season = parameters.Season[i % parameters.Season.Length];
            adjusted[i] = form.Season is SmoothingComponent.Multiplicative ? series[i] / season : series[i] - season;
        }
        if (form.HasTrend)
        {
            (var intercept, parameters.Slope) = Line(adjusted);
            // The value of the line one step before the first value.
            parameters.Level = intercept - parameters.Slope;
        }
        else parameters.Level = adjusted.Average();
    }

    /// <summary>The least squares line through values at 0, 1, ...: its value at 0 and its slope.</summary>
    public static (double Intercept, double Slope) Line(ReadOnlySpan<double> values)
    {
        var (centre, mean, products, squares) = ((values.Length - 1) / 2.0, 0.0, 0.0, 0.0);
        foreach (var value in values) mean += value / values.Length;
        for (var i = 0; i < values.Length; i++)
        {
            products += (i - centre) * (values[i] - mean);
            squares += (i - centre) * (i - centre);
        }
        var slope = squares > 0 ? products / squares : 0;
        return (mean - slope * centre, slope);
    }

    private static double[] Season(SmoothingComponent season, int period, ReadOnlySpan<double> series)
    {
        switch (season)
        {
            case SmoothingComponent.None:
                return [0];
            case SmoothingComponent.Additive:
                return series.Length >= 3 * period ? SeasonalDecomposition.Differences(series, period) : Deviations(series, period, factors: false);
            case SmoothingComponent.Multiplicative:
                var factors = series.Length >= 3 * period ? SeasonalDecomposition.Factors(series, period) : Deviations(series, period, factors: true);
                for (var i = 0; i < period; i++) factors[i] = Math.Max(factors[i], LeastFactor);
                var mean = factors.Average();
                for (var i = 0; i < period; i++) factors[i] /= mean;
                return factors;
            default:
                throw new ArgumentOutOfRangeException(nameof(season), season, null);
        }
    }

    // Too few seasons for a moving average: the line through all values replaces it.
    private static double[] Deviations(ReadOnlySpan<double> series, int period, bool factors)
    {
        var (intercept, slope) = Line(series);
        var deviations = new double[period];
        for (var i = 0; i < series.Length; i++)
        {
            var line = intercept + slope * i;
            var count = (series.Length - i % period + period - 1) / period;
            deviations[i % period] += (factors ? line > 0 ? series[i] / line : 1 : series[i] - line) / count;
        }
        if (factors) return deviations;
        var mean = deviations.Average();
        for (var i = 0; i < period; i++) deviations[i] -= mean;
        return deviations;
    }
}
