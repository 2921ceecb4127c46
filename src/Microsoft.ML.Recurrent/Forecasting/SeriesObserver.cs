using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Reads the current row of a cursor into the history of its series.</summary>
internal sealed class SeriesObserver
{
    private readonly DataViewRow _row;
    private readonly ForecastManifest _forecast;
    private readonly SeriesState _state;
    private readonly (SeriesInput.Reader Read, int Offset)[] _columns;
    private readonly Func<int>? _readSeries;
    private readonly Func<long>? _readTime;
    private readonly float[] _values;

    public SeriesObserver(DataViewRow row, ModelManifest manifest, SeriesState state)
    {
        (_row, _forecast, _state) = (row, manifest.Forecast!, state);
        _columns = state.Layout.Open(row);
        _values = new float[state.Layout.Width];
        _readSeries = SeriesReader.Open(row, _forecast.SeriesKey, state.Index);
        if (_forecast.TimeColumn is { } time) _readTime = TimeReader.Open(row, row.Schema[time]);
    }

    /// <summary>The index of the series of the last row.</summary>
    public int Series { get; private set; }

    /// <summary>Adds the current row; returns the history of its series.</summary>
    /// <exception cref="ArgumentException">The row is earlier than a previous one.</exception>
    public SeriesHistory Observe()
    {
        Series = _readSeries?.Invoke() ?? 0;
        var history = _state[Series];
        var time = _readTime?.Invoke() ?? long.MinValue;
        if (time < history.Time)
        {
            var type = _row.Schema[_forecast.TimeColumn!].Type;
            throw ColumnErrors.Value("time", _forecast.TimeColumn!, _row.Position,
                $"({TimeReader.Describe(time, type)}) is earlier than a previous row"
                    + (_forecast.SeriesKey.IsEmpty ? "" : $" of the same series ('{string.Join("', '", _forecast.SeriesKey)}': '{_state.Index.Names[Series]}')")
                    + $", {TimeReader.Describe(history.Time, type)}: forecasts use the order of the rows, so sort them by time first, "
                    + "or remove late rows.");
        }
        foreach (var (read, offset) in _columns) read(_values.AsSpan(offset));
        if (_forecast.AllowsMissing) FiniteNumbers.LeaveOutInfinite(_values);
        if (_forecast.FillsTimeGaps) _state.FillGap(history, time);
        history.Add(_values, time);
        return history;
    }
}
