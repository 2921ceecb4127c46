using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Training;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The stretches that a forecaster is trained on.</summary>
internal static class ForecastStretches
{
    /// <summary>The stretches of the training rows of a table, of the shape that goes with its series.</summary>
    public static StretchSet Create(Options options, SeriesTable table, SeriesLayout layout, (int From, int To)[] learned)
    {
        var shape = CreateShape(options, table.Lengths);
        return new(Create(options, table, layout, learned, shape), shape);
    }

    /// <summary>The shape of stretches of series of some lengths.</summary>
    public static StretchShape CreateShape(Options options, IEnumerable<int> lengths) =>
        StretchShape.For(options.Input.WindowSize, options.Horizon, options.Series.TrainingStride ?? PositionStride(options, lengths),
            options.Decoding.Attention is not null);

    // Rows from position to position by default.
    private static int PositionStride(Options options, IEnumerable<int> lengths)
    {
        // Each position explains its window anew.
        if (options.RegressesOnCovariates) return SeriesScales.Stride(lengths, options.Input.WindowSize, options.Horizon, knowsAhead: true);
        // An epoch reads each row about once, so that its steps are the positions.
        var stride = SeriesScales.Stride(lengths, 1, options.Horizon);
        // A model of one step learns a row from the rows before it, whichever position it follows.
        return options.Decoding.Strategy is ForecastStrategy.Recursive ? Math.Max(stride, options.Horizon) : stride;
    }

    /// <summary>The stretches of the training rows of a table.</summary>
    public static SeriesStretches Create(Options options, SeriesTable table, SeriesLayout layout, (int From, int To)[] learned,
        StretchShape shape)
    {
        var stretches = new SeriesStretches(table, layout, shape, options.MissingValues.MinimumHistory);
        for (var series = 0; series < table.Series; series++) stretches.Add(series, learned[series].To - table.Starts[series]);
        return stretches;
    }
}
