using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Distributions;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;
using Microsoft.ML.Recurrent.Workbench.Charts;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>Charts of residuals (actual minus forecast): their distribution, and their autocorrelation, which a better model could use.</summary>
public static class ResidualCharts
{
    /// <summary>
    /// A histogram of all residuals with the normal curve of the same mean and standard deviation. With several series or targets, residuals are scaled by
    /// series.
    /// </summary>
    /// <param name="result">The result of the back-test.</param>
    /// <param name="forecaster">The forecaster; null for the model.</param>
    /// <param name="unit">The quantity and unit of the series.</param>
    public static LineChart Histogram(BackTestResult result, BackTestForecaster? forecaster = null, string unit = "")
    {
        ArgumentNullException.ThrowIfNull(result);
        forecaster ??= result.Model;
        var scaled = IsScaled(result);
        double[] residuals =
            [.. forecaster.Forecasts.SelectMany(forecast => Enumerable.Range(0, result.Horizon).Select(step => Residual(forecast, step, scaled)))
                .Where(double.IsFinite).Order()];
        if (residuals.Length == 0) throw new ArgumentException("There are no residuals.", nameof(result));
        double mean = residuals.Average(), deviation = Math.Sqrt(residuals.Average(value => (value - mean) * (value - mean)));
        // The outermost 0.5% on both sides go to the outer bars, which would otherwise be many and empty.
        double low = residuals[(int)(0.005 * residuals.Length)], high = residuals[residuals.Length - 1 - (int)(0.005 * residuals.Length)];
        var bins = high > low ? CountBins(residuals, high - low) : 1;
        var width = high > low ? (high - low) / bins : low == 0 ? 1 : Math.Abs(low);
        // If all residuals are equal, they are in the middle of their bar.
        if (bins == 1) (low, high) = (low - width / 2, low + width / 2);
        var counts = new int[bins];
        foreach (var value in residuals) counts[Math.Clamp((int)((value - low) / width), 0, bins - 1)]++;
        return new()
        {
            Title = $"Residuals of {forecaster.Name}",
            Description = string.Create(CultureInfo.InvariantCulture,
                $"Histogram of {residuals.Length} residuals: mean {mean:G4}, standard deviation {deviation:G4}, from {residuals[0]:G4} to {residuals[^1]:G4}."),
            XAxis = new(BackTestCharts.ValueTitle("Actual - forecast", scaled, unit)),
            YAxis = new("Number"),
            Bars = [new("Residuals", [.. counts.Select((count, bin) => new ChartPoint(low + (bin + 0.5) * width, count))], width) { Color = 1 }],
            Series = deviation > 0 ?
            [
                new("Normal curve", [.. Enumerable.Range(0, 121).Select(i => low + (high - low) * i / 120)
                    .Select(x => new ChartPoint(x, residuals.Length * width / deviation * StandardNormal.Density((x - mean) / deviation)))]) { Color = 2 },
            ] : [],
            Dividers = [new(0, "0")],
            Height = 320,
        };
    }

    /// <summary>
    /// The autocorrelation of the residuals of one step over the origins (mean over several series), with the 95% range of independent residuals (Bartlett).
    /// Forecasts of more than one step overlap if the stride is shorter than the horizon, and are then correlated by construction: look at step 0.
    /// </summary>
    /// <param name="result">The result of the back-test.</param>
    /// <param name="forecaster">The forecaster; null for the model.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="maximumLag">Maximum lag.</param>
    /// <returns>The chart; null if no series has at least eight residuals.</returns>
    public static LineChart? Autocorrelations(BackTestResult result, BackTestForecaster? forecaster = null, int step = 0, int maximumLag = 48)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(step, result.Horizon);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumLag, 1);
        forecaster ??= result.Model;
        double[][] series = [.. forecaster.Forecasts.GroupBy(forecast => (forecast.Series, forecast.Target))
            .Select(group => group.Select(forecast => forecast.Residual(step)).Where(double.IsFinite).ToArray()).Where(residuals => residuals.Length >= 8)];
        if (series.Length == 0) return null;
        var lags = Math.Min(maximumLag, series.Max(residuals => residuals.Length) / 2);
        var means = new MeanGrid(1, lags);
        foreach (var residuals in series)
        {
            var correlations = Autocorrelation.Compute(residuals, Math.Min(lags, residuals.Length - 1));
            for (var lag = 0; lag < correlations.Length; lag++) means.Add(0, lag, correlations[lag]);
        }
        var limit = 1.96 / Math.Sqrt(series.Sum(residuals => (double)residuals.Length));
        return new()
        {
            Title = string.Create(CultureInfo.InvariantCulture, $"Autocorrelation of {forecaster.Name}'s residuals at step {step + 1}"),
            Description = string.Create(CultureInfo.InvariantCulture,
                $"Autocorrelations at lags 1 to {lags} of {series.Length} series of residuals; the 95% range of independent ones is plus and "
                    + $"minus {limit:0.00}."),
            XAxis = new("Lag in origins", AxisKind.Whole),
            YAxis = new("Autocorrelation"),
            Bars = [new("Autocorrelation", [.. means.Means()[0].Select((value, lag) => new ChartPoint(lag + 1, value))], 0.7) { Color = 1 }],
            Bands = [new("95% of independent residuals", [new(0.5, -limit, limit), new(lags + 0.5, -limit, limit)]) { Color = 2 }],
            Series = [],
            Height = 300,
        };
    }

    /// <summary>Whether residuals of series or targets with different scales are combined, and so must be scaled.</summary>
    internal static bool IsScaled(BackTestResult result) => result.Series.Length * result.Targets.Length > 1;

    internal static double Residual(BackTestForecast forecast, int step, bool scaled) =>
        scaled ? forecast.Scale > 0 ? forecast.Residual(step) / forecast.Scale : double.NaN : forecast.Residual(step);

    /// <summary>The number of bars: by Freedman and Diaconis (1981), between 5 and 60.</summary>
    private static int CountBins(double[] sorted, double range)
    {
        var spread = sorted[3 * sorted.Length / 4] - sorted[sorted.Length / 4];
        var width = 2 * spread / Math.Cbrt(sorted.Length);
        return width > 0 && range > 0 ? (int)Math.Clamp(Math.Ceiling(range / width), 5, 60) : 5;
    }
}
