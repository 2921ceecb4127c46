using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>What the rows of a data view tell of columns that are known ahead, series by series in the rows' order: scoring a row looks up the rows that follow it.</summary>
internal sealed class FutureRows
{
    private readonly SeriesTable _table;

    private readonly bool _allowsMissing;

    private FutureRows(SeriesTable table, bool allowsMissing) => (_table, _allowsMissing) = (table, allowsMissing);

    /// <summary>Numbers a row.</summary>
    public int Width => _table.Width;

    /// <summary>Reads the columns that a model knows ahead; null where it knows none. Values are kept (4 bytes each), nothing else of the rows.</summary>
    public static FutureRows? Read(IDataView data, ModelManifest manifest)
    {
        var ahead = SeriesLayout.Of(manifest).OnlyAheadColumns();
        // Rows are scored in their own order, so they are not sorted here either; a row out of order is refused when it is scored.
        if (ahead.Width == 0) return null;
        var forecast = manifest.Forecast!;
        var table = forecast.FillsTimeGaps ? SeriesTable.Read(data, ahead.Inputs, forecast.SeriesKey, forecast.TimeColumn).FillGaps(forecast.Frequency!, ahead)
            : SeriesTable.Read(data, ahead.Inputs, forecast.SeriesKey, timeColumn: null);
        if (forecast.AllowsMissing) table.LeaveOutInfinite();
        return new(table, forecast.AllowsMissing);
    }

    /// <summary>The rows of one series that are later than a time, in order: all of them where the model knows no time column. Rows of series of other names are passed over.</summary>
    public static float[] Read(IDataView data, ModelManifest manifest, string? series, long after)
    {
        var (forecast, ahead) = (manifest.Forecast!, SeriesLayout.Of(manifest).OnlyAheadColumns());
        var table = SeriesTable.Read(data, ahead.Inputs, forecast.SeriesKey, forecast.TimeColumn);
        if (forecast.AllowsMissing) table.LeaveOutInfinite();
        var index = forecast.SeriesKey.IsEmpty ? Math.Min(0, table.Series - 1) : table.Names.ToList().IndexOf(series!);
        if (index < 0) return [];
        var (first, end) = (table.Starts[index], table.Starts[index + 1]);
        while (forecast.TimeColumn is not null && first < end && table.Times[first] <= after) first++;
        if (!forecast.FillsTimeGaps) return table.Values(first, end - first).ToArray();
        var (values, missing) = (new List<float>(), new float[ahead.Width]);
        for (; first < end; after = table.Times[first++])
        {
            foreach (var time in TimeSteps.Between(forecast.Frequency!, new DateTime(after), new DateTime(table.Times[first]), int.MaxValue))
            {
                ahead.WriteMissing(missing, time, missing);
                values.AddRange(missing);
            }
            values.AddRange(table.Values(first, 1));
        }
        return [.. values];
    }

    /// <summary>The numbers of so many rows of a series; false where some are missing, or not there yet.</summary>
    /// <param name="series">The series' number, in the order in which the rows name them.</param>
    /// <param name="row">The first row within the series.</param>
    /// <param name="count">How many.</param>
    /// <param name="values">Their numbers, row by row.</param>
    public bool TryGet(int series, int row, int count, out ReadOnlySpan<float> values)
    {
        values = default;
        if (series >= _table.Series || _table.Starts[series] + row + count > _table.Starts[series + 1]) return false;
        values = _table.Values(_table.Starts[series] + row, count);
        return _allowsMissing || FiniteNumbers.All(values);
    }
}
