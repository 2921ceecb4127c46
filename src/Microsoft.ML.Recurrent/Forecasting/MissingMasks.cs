using Microsoft.ML.Recurrent.Data;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Whether values are missing in series, and which of them a network masks.</summary>
internal static class MissingMasks
{
    /// <summary>Whether a network takes missing values.</summary>
    public static bool Applies(Options options, Func<bool> lacks) =>
        options.Network.Initialization.Model is { } initial
            ? initial.Description.AllowsMissing
            : options.AsksForMasks || options.MissingValues.Handling is MissingValueHandling.Auto && lacks();

    /// <summary>
    /// Whether steps of the window have indicators. Those before a short series count as missing. A network that reads its own forecasts has no missing targets
    /// and no indicators.
    /// </summary>
    public static bool AppliesToSteps(Options options, bool masks, Func<bool> lacks) =>
        options.Network.Initialization.Model is { } initial
            ? initial.Description.MasksMissing
            : masks && options.Decoding.Strategy is not ForecastStrategy.Recursive
                && (options.MissingValues.MinimumHistory < options.Input.WindowSize || lacks());

    /// <summary>The future features with indicators.</summary>
    public static int CountFuture(Options options, int numbers, bool masks, Func<bool> lacks) =>
        options.Network.Initialization.Model is { } initial
            ? initial.Description.FutureMasks
            : masks && options.Decoding.Strategy is not ForecastStrategy.Recursive && lacks()
            ? numbers
            : 0;

    /// <summary>Whether values are missing.</summary>
    public static bool HasMissing(SeriesTable table, SeriesLayout layout) => HasMissing(table, (0, table.Rows), layout);

    /// <summary>Whether values are missing in some rows.</summary>
    public static bool HasMissing(SeriesTable table, (int From, int To) rows, SeriesLayout layout) => HasMissing(table, rows, 0, layout.FirstCategory);

    /// <summary>Whether future features are missing in some rows.</summary>
    public static bool HasMissingFuture(SeriesTable table, IReadOnlyList<(int From, int To)> parts, SeriesLayout layout) =>
        layout.FutureColumns > 0 && parts.Any(part => HasMissing(table, part, layout.Features - layout.Future, layout.FutureColumns));

    private static bool HasMissing(SeriesTable table, (int From, int To) rows, int first, int count)
    {
        for (var row = rows.From; row < rows.To; row++)
        {
            foreach (var value in table.Values(row, 1).Slice(first, count))
            {
                if (float.IsNaN(value)) return true;
            }
        }
        return false;
    }
}
