using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The future covariates of a data view, series by series in row order: scoring a row looks up the rows after it.</summary>
internal sealed class FutureRows
{
    private readonly SeriesTable _table;

    private readonly bool _allowsMissing;

    private Dictionary<string, int>? _numbers;
    private ForecastManifest? _forecast;
    private SeriesLayout? _ahead;

    private FutureRows(SeriesTable table, bool allowsMissing) => (_table, _allowsMissing) = (table, allowsMissing);

    /// <summary>Reads the future covariates of a model; null if it has none. Only these values are kept, 4 bytes each.</summary>
    public static FutureRows? Read(IDataView data, ModelManifest manifest)
    {
        var ahead = SeriesLayout.Create(manifest).OnlyFutureColumns();
        // Rows are scored in their own order, so they are not sorted here; a row out of order is an error in scoring.
        if (ahead.Width == 0) return null;
        var forecast = manifest.Forecast!;
        var table = forecast.FillsTimeGaps ? SeriesTable.Read(data, ahead.Inputs, forecast.SeriesKey, forecast.TimeColumn).FillGaps(forecast.Frequency!, ahead)
            : SeriesTable.Read(data, ahead.Inputs, forecast.SeriesKey, timeColumn: null);
        if (forecast.AllowsMissing) table.LeaveOutInfinite();
        return new(table, forecast.AllowsMissing);
    }

    /// <summary>Reads the future covariates of rows after the last observations, series by series in time order.</summary>
    public static FutureRows ReadInTime(IDataView data, ModelManifest manifest)
    {
        var (forecast, ahead) = (manifest.Forecast!, SeriesLayout.Create(manifest).OnlyFutureColumns());
        var table = SeriesTable.Read(data, ahead.Inputs, forecast.SeriesKey, forecast.TimeColumn);
        if (forecast.AllowsMissing) table.LeaveOutInfinite();
        return new(table, forecast.AllowsMissing) { _forecast = forecast, _ahead = ahead };
    }

    /// <summary>
    /// The numbers of the rows of a series after a time; all rows if the model has no time column. Time gaps are filled if the model does so.
    /// </summary>
    /// <param name="series">The name of the series; empty if the model has no series column.</param>
    /// <param name="time">The time.</param>
    /// <exception cref="ArgumentException">The rows do not start one step after the time, if the frequency is known and gaps are not filled.</exception>
    public float[] After(string series, long time)
    {
        _numbers ??= _table.Names.Count == 0 && _table.Series > 0
            ? new() { [""] = 0 }
            : _table.Names.Select((name, i) => (name, i)).ToDictionary(one => one.name, one => one.i, StringComparer.Ordinal);
        if (!_numbers.TryGetValue(series, out var index)) return [];
        var (first, end) = (_table.Starts[index], _table.Starts[index + 1]);
        while (_table.Times.Length > 0 && first < end && _table.Times[first] <= time) first++;
        if (_forecast!.Frequency is not { } frequency || _table.Times.Length == 0 || first == end) return _table.Values(first, end - first).ToArray();
        if (!_forecast.FillsTimeGaps)
        {
            if (!TimeSteps.Between(frequency, new DateTime(time), new DateTime(_table.Times[first])).Any()) return _table.Values(first, end - first).ToArray();
            throw new ArgumentException(
                $"The rows{(series.Length == 0 ? "" : $" of the series '{series}'")} after its last observation, {new DateTime(time):yyyy-MM-dd HH:mm:ss}, "
                    + $"start at {new DateTime(_table.Times[first]):yyyy-MM-dd HH:mm:ss}, more than one step ({frequency}) later: add the rows between, "
                    + $"or observe them.", "future");
        }
        var (values, missing) = (new List<float>(), new float[_ahead!.Width]);
        for (; first < end; time = _table.Times[first++])
        {
            foreach (var gap in TimeSteps.Between(frequency, new DateTime(time), new DateTime(_table.Times[first])))
            {
                _ahead.WriteMissing(missing, gap, missing);
                values.AddRange(missing);
            }
            values.AddRange(_table.Values(first, 1));
        }
        return [.. values];
    }

    /// <summary>Reads the numbers of some rows of a series; false if some are missing or do not exist.</summary>
    /// <param name="series">The index of the series, in order of first rows.</param>
    /// <param name="row">The first row within the series.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="values">The numbers, row by row.</param>
    public bool TryGet(int series, int row, int count, out ReadOnlySpan<float> values)
    {
        values = default;
        if (series >= _table.Series || _table.Starts[series] + row + count > _table.Starts[series + 1]) return false;
        values = _table.Values(_table.Starts[series] + row, count);
        return _allowsMissing || FiniteNumbers.All(values);
    }
}
