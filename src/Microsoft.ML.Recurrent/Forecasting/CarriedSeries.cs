using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Training;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The series of a forecaster that carries its states, as stretches of positions at each row.</summary>
internal static class CarriedSeries
{
    /// <summary>The shape of stretches, chosen as for those that begin at zero: half a window of positions.</summary>
    public static StretchShape Shape(Options options) => StretchShape.For(options.Input.WindowSize, options.Horizon, 1) with { WarmUp = 1 };

    /// <summary>The training rows.</summary>
    public static SeriesStretches Learned(Options options, SeriesTable table, SeriesLayout layout, (int From, int To)[] learned, bool masks)
    {
        var stretches = new SeriesStretches(table, layout, Shape(options), options.MissingValues.MinimumHistory, repeatsFirst: !masks);
        for (var series = 0; series < table.Series; series++) stretches.Add(series, learned[series].To - table.Starts[series]);
        return stretches;
    }

    /// <summary>The series of windows, from their first rows on.</summary>
    public static CarriedWindows Windows(Options options, SeriesTable table, SeriesLayout layout, SeriesWindowExamples windows, bool masks)
    {
        var stretches = new SeriesStretches(table, layout, Shape(options), options.MissingValues.MinimumHistory, repeatsFirst: !masks);
        int[] starts = [.. Enumerable.Range(0, table.Series).Where(series => stretches.Add(series, table.Starts[series + 1] - table.Starts[series]))
            .Select(series => table.Starts[series])];
        return new(windows, stretches, starts);
    }
}
