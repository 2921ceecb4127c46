using System.Collections.Immutable;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Quantiles of the absolute calibration residuals on a fixed grid of levels, stored with the model so that an engine can compute bounds of any level.
/// </summary>
internal static class ResidualQuantiles
{
    private static readonly double[] s_levels = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995];

    /// <summary>The levels, increasing from 0.</summary>
    public static ReadOnlySpan<double> Levels => s_levels;

    /// <summary>The quantiles of the sorted residuals of each output, level by level.</summary>
    public static ImmutableArray<float> Create(float[][] sorted) =>
        [.. s_levels.SelectMany(level => sorted.Select(residuals => level == 0 ? 0 : ConformalCalibration.Quantile(residuals, level)))];

    /// <summary>The quantile at a level of one output.</summary>
    public static float At(ForecastManifest forecast, float level, int output)
    {
        var table = forecast.ResidualQuantiles;
        var outputs = table.Length / s_levels.Length;
        var upper = Array.FindIndex(s_levels, grid => grid >= level);
        if (upper < 0) return table[table.Length - outputs + output];
        var lower = Math.Max(upper - 1, 0);
        var share = upper == lower ? 0 : (float)((level - s_levels[lower]) / (s_levels[upper] - s_levels[lower]));
        return table[lower * outputs + output] + share * (table[upper * outputs + output] - table[lower * outputs + output]);
    }

    /// <summary>The quantiles at a level, one per output; linear between the levels of the grid, and the largest beyond its end.</summary>
    public static float[] At(ForecastManifest forecast, float level) =>
        [.. Enumerable.Range(0, forecast.ResidualQuantiles.Length / s_levels.Length).Select(output => At(forecast, level, output))];
}
