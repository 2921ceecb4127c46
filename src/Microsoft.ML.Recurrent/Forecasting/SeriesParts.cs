using Microsoft.ML.Recurrent.Data;
using Options = Microsoft.ML.Recurrent.RecurrentForecastingEstimator.Options;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The rows of the series that a forecaster is trained on: read, made regular, and split in time.</summary>
internal static class SeriesParts
{
    /// <summary>The training and validation windows of a table, and its training rows.</summary>
    public static (int[] Train, int[] Held, (int From, int To)[] Learned) Split(Options options, SeriesTable table, SeriesWindowExamples windows,
        int stride, bool holdsBack)
    {
        var most = table.Rows / stride + table.Series;
        List<int> train = new(most), held = [];
        windows.Reserve(most);
        var learned = new (int From, int To)[table.Series];
        for (var series = 0; series < table.Series; series++)
        {
            learned[series] = Learned(options, table, series, holdsBack);
            var (length, kept) = (table.Starts[series + 1] - table.Starts[series], learned[series].To - table.Starts[series]);
            train.AddRange(windows.Add(series, 0, kept, stride));
            if (kept < length) held.AddRange(windows.Add(series, kept, length));
        }
        return ([.. train], [.. held], learned);
    }

    /// <summary>The training rows of a series; the others are held out.</summary>
    public static (int From, int To) Learned(Options options, SeriesTable table, int series, bool holdsBack)
    {
        var length = table.Starts[series + 1] - table.Starts[series];
        var aside = holdsBack && options.Stopping.ValidationShare > 0 ? Math.Max((int)(length * options.Stopping.ValidationShare), options.Horizon) : 0;
        // A series that is too short to split is used for training only.
        if (length - aside < (options.MissingValues.MinimumHistory ?? options.Input.WindowSize) + options.Horizon) aside = 0;
        return (table.Starts[series], table.Starts[series + 1] - aside);
    }

    /// <summary>Reads rows, checks their times, and makes them regular.</summary>
    public static SeriesTable Read(Options options, IDataView data, SeriesLayout layout, SeriesTime time, string parameterName,
        DoubledTimes doubled, SeriesFindings? findings = null)
    {
        var table = SeriesTable.Read(data, layout.Inputs, options.Input.SeriesKey, options.Series.TimeColumnName, options.CancellationToken,
            zone: time.Zone);
        if (table.Rows == 0) throw new ArgumentException("The data have no rows: check the file and the filters before the trainer.", parameterName);
        doubled.Add(table);
        SeriesChecks.CheckTimes(options, doubled, table);
        findings?.Add(table);
        return Regular(options, table, layout, time);
    }

    /// <summary>The rows of a table with one row per time and without gaps, if the options want that.</summary>
    public static SeriesTable Regular(Options options, SeriesTable table, SeriesLayout layout, SeriesTime time)
    {
        if (options.MissingValues.DuplicateTimes is DuplicateTimes.Replace && table.Times.Length > 0) table = table.KeepNewest();
        return options.MissingValues.FillTimeGaps ? table.FillGaps(time.Steps!, layout) : table;
    }
}
