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
    private readonly DuplicateTimes _duplicates;
    private readonly TimeJumpLimit? _limit;

    public SeriesObserver(DataViewRow row, ModelManifest manifest, SeriesState state, DuplicateTimes duplicates, TimeJumpLimit? limit = null)
    {
        (_row, _forecast, _state, _duplicates, _limit) = (row, manifest.Forecast!, state, duplicates, limit);
        _columns = state.Layout.Open(row);
        _values = new float[state.Layout.Width];
        _readSeries = SeriesReader.Open(row, _forecast.SeriesKey, state.Index);
        if (_forecast.TimeColumn is { } time) _readTime = TimeReader.Open(row, row.Schema[time]);
    }

    /// <summary>The index of the series of the last row.</summary>
    public int Series { get; private set; }

    /// <summary>Adds the current row, or puts it in the place of the row of its time; returns the history of its series.</summary>
    /// <exception cref="ArgumentException">The row has no time, is earlier than a previous one, or too far after it.</exception>
    public SeriesHistory Observe()
    {
        // The time first: a row without one makes no series.
        var time = _readTime?.Invoke() ?? long.MinValue;
        Series = _readSeries?.Invoke() ?? 0;
        var history = _state[Series];
        var comesAgain = _readTime is not null && history.Count > 0 && (time < history.Time || time == history.Time && _duplicates is not DuplicateTimes.Step);
        var place = comesAgain && _duplicates is DuplicateTimes.Replace ? history.Find(time) : null;
        if (comesAgain && place is null)
        {
            var type = _row.Schema[_forecast.TimeColumn!].Type;
            throw ColumnErrors.Value("time", _forecast.TimeColumn!, _row.Position,
                $"({TimeReader.Describe(time, type)}) is {(time < history.Time ? "earlier than" : "the time of")} a previous row{OfSeries()}, "
                    + $"{TimeReader.Describe(history.Time, type)}: forecasts use the order of the rows, so sort them by time first, "
                    + "or remove late rows.");
        }
        if (_limit?.Exceeded(history.Time, time) is { } latest)
        {
            var type = _row.Schema[_forecast.TimeColumn!].Type;
            throw ColumnErrors.Value("time", _forecast.TimeColumn!, _row.Position,
                $"is {TooFar(TimeReader.Describe(time, type), TimeReader.Describe(history.Time, type), TimeReader.Describe(latest, type), OfSeries())}.");
        }
        foreach (var (read, offset) in _columns) read(_values.AsSpan(offset));
        if (_forecast.AllowsMissing) FiniteNumbers.LeaveOutInfinite(_values);
        if (place is { } old)
        {
            history.Replace(old, _values);
            return history;
        }
        if (_forecast.FillsTimeGaps) _state.FillGap(history, time);
        history.Add(_values, time);
        return history;
    }

    /// <summary>Says that a row is too far ahead.</summary>
    public static string TooFar(string time, string last, string latest, string ofSeries = "") =>
        $"{time}, too far after the previous row{ofSeries}, {last} (rows are accepted up to {latest}). If the time is right, create the engine with a larger "
            + "maximumStepsAhead, or call Forget for the series first";

    private string OfSeries() =>
        _forecast.SeriesKey.IsEmpty ? "" : $" of the same series ('{string.Join("', '", _forecast.SeriesKey)}': '{_state.Index.Names[Series]}')";
}
