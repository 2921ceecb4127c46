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
    private FutureStepCheck? _steps;
    private (int Row, string Fault)[][]? _faults;

    private FutureRows(SeriesTable table, bool allowsMissing) => (_table, _allowsMissing) = (table, allowsMissing);

    /// <summary>Reads the future covariates of a model; null if it has none. Only these values are kept, 4 bytes each.</summary>
    public static FutureRows? Read(IDataView data, ModelManifest manifest)
    {
        var ahead = SeriesLayout.Create(manifest).OnlyFutureColumns();
        if (ahead.Width == 0) return null;
        var forecast = manifest.Forecast!;
        // A back-test leaves out the rows at fault.
        var observed = data is ObservedRowsView && FutureStepCheck.IsPossible(forecast);
        if (!observed) FutureStepCheck.Check(data, manifest);
        var replaces = forecast is { DuplicateTimes: DuplicateTimes.Replace, TimeColumn: not null };
        // Rows are scored in their own order, so they are sorted only where a row may take the place of an earlier one; any other row out of order is an error
        // in scoring.
        var table = SeriesTable.Read(data, ahead.Inputs, forecast.SeriesKey, observed || replaces || forecast.FillsTimeGaps ? forecast.TimeColumn : null,
            zone: forecast.Zone);
        if (replaces) table = table.KeepNewest();
        if (forecast.FillsTimeGaps) table = table.FillGaps(forecast.Steps!, ahead);
        if (forecast.AllowsMissing) table.LeaveOutInfinite();
        return new(table, forecast.AllowsMissing) { _faults = observed ? FutureStepCheck.Create(data, manifest).Faults(table) : null };
    }

    /// <summary>What is wrong with the rows that follow a row of a series; null if they are its next steps, or if it is not asked here.</summary>
    /// <param name="series">The index of the series, in order of first rows.</param>
    /// <param name="row">The first of these rows within the series.</param>
    /// <param name="count">Their number.</param>
    public string? Fault(int series, int row, int count)
    {
        if (_faults is null || series >= _faults.Length) return null;
        var next = Array.FindIndex(_faults[series], fault => fault.Row >= row);
        return next >= 0 && _faults[series][next].Row < row + count ? _faults[series][next].Fault : null;
    }

    /// <summary>Reads the future covariates of rows after the last observations, series by series in time order.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="manifest">The model.</param>
    /// <param name="duplicates">What a second row of a time means.</param>
    /// <param name="previous">The time of the last observation of a series, by its name.</param>
    public static FutureRows ReadInTime(IDataView data, ModelManifest manifest, DuplicateTimes duplicates, Func<string, long> previous)
    {
        var (forecast, ahead) = (manifest.Forecast!, SeriesLayout.Create(manifest).OnlyFutureColumns());
        var table = SeriesTable.Read(data, ahead.Inputs, forecast.SeriesKey, forecast.TimeColumn, zone: forecast.Zone, previous: previous);
        if (forecast.AllowsMissing) table.LeaveOutInfinite();
        return new(table, forecast.AllowsMissing)
        {
            _forecast = forecast, _ahead = ahead,
            _steps = forecast.TimeColumn is { } time ? new(manifest, data.Schema[time].Type, duplicates) : null,
        };
    }

    /// <summary>
    /// The numbers and times of the rows of a series after a time; all rows if the model has no time column. Time gaps are filled if the model does so.
    /// </summary>
    /// <param name="series">The name of the series; empty if the model has no series column.</param>
    /// <param name="time">The time.</param>
    /// <param name="most">Rows that are needed; those after them are not read.</param>
    /// <exception cref="ArgumentException">The rows are not one step apart, from the time on: a step is missing (unless gaps are filled), or there twice.
    /// </exception>
    public FutureSteps After(string series, long time, int most)
    {
        _numbers ??= _table.Names.Count == 0 && _table.Series > 0
            ? new() { [""] = 0 }
            : _table.Names.Select((name, i) => (name, i)).ToDictionary(one => one.name, one => one.i, StringComparer.Ordinal);
        if (!_numbers.TryGetValue(series, out var index)) return FutureSteps.None;
        var (first, end) = (_table.Starts[index], _table.Starts[index + 1]);
        while (_table.Times.Length > 0 && first < end && _table.Times[first] <= time) first++;
        end = Math.Min(end, first + most);
        for (var row = first; _steps is not null && row < end; row++)
        {
            if (_steps.Fault(row == first ? time : _table.Times[row - 1], _table.Times[row]) is { } fault)
                throw FutureStepCheck.Error(series, fault, "future");
        }
        if (!_forecast!.FillsTimeGaps) return new(_table.Values(first, end - first).ToArray(), _table.Times.Length > 0 ? _table.Times[first..end] : []);
        var (values, times, missing) = (new List<float>(), new List<long>(), new float[_ahead!.Width]);
        for (; first < end; time = _table.Times[first++])
        {
            foreach (var gap in _forecast.Steps!.Between(new DateTime(time), new DateTime(_table.Times[first])))
            {
                _ahead.WriteMissing(missing, gap, missing);
                values.AddRange(missing);
                times.Add(gap.Ticks);
            }
            values.AddRange(_table.Values(first, 1));
            times.Add(_table.Times[first]);
        }
        return new([.. values], [.. times]);
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
