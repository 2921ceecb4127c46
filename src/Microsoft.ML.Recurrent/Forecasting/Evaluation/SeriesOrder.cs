using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>The place of each row in its series, counted from the end: any number of parts of the series by one reading of the rows.</summary>
internal sealed class SeriesOrder
{
    private readonly IDataView _data;

    // By row its place from the end of its series, the last one 1.
    private readonly int[] _fromEnd;
    private readonly int[] _lengths;

    private SeriesOrder(IDataView data, int[] fromEnd, int[] lengths) => (_data, _fromEnd, _lengths) = (data, fromEnd, lengths);

    /// <summary>The rows of the longest series.</summary>
    public int LongestLength => _lengths[^1];

    /// <summary>The rows of the series in the middle by length.</summary>
    public int MedianLength => _lengths[_lengths.Length / 2];

    /// <summary>The number of series.</summary>
    public int NumberOfSeries => _lengths.Length;

    /// <summary>Reads the rows once.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="timeColumn">The column that orders the rows; null if they are in order.</param>
    /// <param name="seriesColumns">The columns that identify the series.</param>
    public static SeriesOrder Read(IDataView data, string? timeColumn, IReadOnlyList<string> seriesColumns)
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
        var fromEnd = new int[count];
        foreach (var rows in series)
        {
            // Stable, so that rows of the same time keep their order.
            var ordered = time is null ? rows : [.. rows.OrderBy(static row => row.Time)];
            for (var i = 0; i < ordered.Count; i++) fromEnd[ordered[i].Row] = ordered.Count - i;
        }
        return new(data, fromEnd, [.. series.Select(static rows => rows.Count).Where(static rows => rows > 0).Order()]);
    }

    /// <summary>The rows of each series before its last ones.</summary>
    /// <param name="steps">The last ones.</param>
    public RowSubsetView Before(int steps) => new(_data, Array.ConvertAll(_fromEnd, place => place > steps));

    /// <summary>A stretch of each series.</summary>
    /// <param name="end">The rows of each series behind it.</param>
    /// <param name="steps">Its rows.</param>
    /// <param name="context">The rows before it that are taken, too.</param>
    public RowSubsetView Part(int end, int steps, int context) =>
        new(_data, Array.ConvertAll(_fromEnd, place => place > end && place - end <= (long)steps + context));
}
