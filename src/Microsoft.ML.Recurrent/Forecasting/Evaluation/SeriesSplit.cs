using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>The division of series into their last rows and those before.</summary>
internal static class SeriesSplit
{
    /// <summary>Divides the rows, which are read once.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="testSteps">The last rows of each series that are held out.</param>
    /// <param name="timeColumn">The column that orders the rows; null if they are in order.</param>
    /// <param name="seriesColumns">The columns that identify the series.</param>
    /// <param name="contextSteps">The rows of each series before them that are repeated in the test set.</param>
    public static (IDataView TrainSet, IDataView TestSet) Create(
        IDataView data, int testSteps, string? timeColumn, IReadOnlyList<string> seriesColumns, int contextSteps)
    {
        var time = timeColumn is null ? default(DataViewSchema.Column?) : TimeReader.Resolve(data.Schema, timeColumn);
        var columns = seriesColumns.Select(name => SeriesReader.Resolve(data.Schema, name)).ToList();
        if (time is { } one && columns.TrueForAll(column => column.Index != one.Index)) columns.Add(one);
        var series = new List<List<(long Time, int Row)>>();
        var count = 0;
        using (var cursor = data.GetRowCursor(columns))
        {
            var index = new SeriesIndex();
            var readSeries = SeriesReader.Open(cursor, seriesColumns, index);
            var readTime = time is { } column ? TimeReader.Open(cursor, column) : null;
            for (; cursor.MoveNext(); count++)
            {
                var place = readSeries?.Invoke() ?? 0;
                while (series.Count <= place) series.Add([]);
                series[place].Add((readTime?.Invoke().Ticks ?? 0, count));
            }
        }
        if (count == 0) throw new ArgumentException("The data have no rows: check the file and the filters before.", nameof(data));
        var (train, test) = (new bool[count], new bool[count]);
        foreach (var rows in series)
        {
            // Stable, so that rows of the same time keep their order.
            var ordered = time is null ? rows : [.. rows.OrderBy(static row => row.Time)];
            var cut = Math.Max(0, ordered.Count - testSteps);
            for (var i = 0; i < ordered.Count; i++)
            {
                train[ordered[i].Row] = i < cut;
                test[ordered[i].Row] = i >= cut - contextSteps;
            }
        }
        if (!train.Contains(true))
            throw new ArgumentException(
                $"No row is left to train on: the longest series has {series.Max(static rows => rows.Count)} rows, and the last {testSteps} "
                + "of each are held out.", nameof(testSteps));
        return (new RowSubsetView(data, train), new RowSubsetView(data, test));
    }
}
