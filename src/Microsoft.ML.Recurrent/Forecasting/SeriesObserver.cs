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
    private readonly Func<RowTime>? _readTime;
    private readonly Func<string, long>? _previous;
    private readonly TimeZoneInfo? _zone;
    private readonly float[] _values;
    private readonly DuplicateTimes _duplicates;
    private readonly TimeJumpLimit? _limit;

    /// <param name="row">The rows.</param>
    /// <param name="manifest">The model.</param>
    /// <param name="state">Takes them.</param>
    /// <param name="duplicates">What a row of a known time means.</param>
    /// <param name="limit">How far a row may lie ahead; null for any.</param>
    /// <param name="previous">The time of the row before the first one of a series, by its name; null for none.</param>
    public SeriesObserver(DataViewRow row, ModelManifest manifest, SeriesState state, DuplicateTimes duplicates, TimeJumpLimit? limit = null,
        Func<string, long>? previous = null)
    {
        (_row, _forecast, _state, _duplicates, _limit, _previous) = (row, manifest.Forecast!, state, duplicates, limit, previous);
        _zone = _forecast.Zone;
        _columns = state.Layout.Open(row);
        _values = new float[state.Layout.Width];
        _readSeries = SeriesReader.Open(row, _forecast.SeriesKey, state.Index);
        if (_forecast.TimeColumn is { } time) _readTime = TimeReader.Open(row, row.Schema[time], _zone);
    }

    /// <summary>How local times are taken that come twice, or what rows are that may be such times; null if there was none.</summary>
    public string? Remark { get; private set; }

    /// <summary>Whether a row of a known time takes the place of the one before.</summary>
    public bool Replaces => _readTime is not null && _duplicates is DuplicateTimes.Replace;

    /// <summary>The index of the series of the last row.</summary>
    public int Series { get; private set; }

    /// <summary>The name of that series; empty if the model has no series column.</summary>
    public string Name => _forecast.SeriesKey.IsEmpty ? "" : _state.Index.Names[Series];

    /// <summary>Adds the current row, or puts it in the place of the row of its time; returns the history of its series.</summary>
    /// <exception cref="ArgumentException">The row has no time, is earlier than a previous one, or too far after it.</exception>
    public SeriesHistory Observe()
    {
        // The time first: a row without one makes no series.
        var given = _readTime?.Invoke() ?? new(long.MinValue);
        Series = _readSeries?.Invoke() ?? 0;
        var history = _state[Series];
        if (history.Count == 0 && _previous is not null) history.KeepBeginning(Previous(), _forecast.Horizon);
        var time = given.Ticks;
        if (given.Second is not null)
        {
            Remark ??= $"Local times came that come twice, for the clock of {_forecast.TimeZone} goes back: a time that is met first is daylight time, and "
                + "standard time when it comes again.";
            time = given.After(history.Count > 0 ? history.Time : Previous());
        }
        var comesAgain = _readTime is not null && history.Count > 0 && (time < history.Time || time == history.Time && _duplicates is not DuplicateTimes.Step);
        var place = comesAgain && _duplicates is DuplicateTimes.Replace ? history.Find(time) : null;
        if (comesAgain && place is null)
        {
            var type = _row.Schema[_forecast.TimeColumn!].Type;
            throw ColumnErrors.Value("time", _forecast.TimeColumn!, _row.Position,
                $"({Describe(time, type)}) is {(time < history.Time ? "earlier than" : "the time of")} a previous row{OfSeries()}, "
                    + $"{Describe(history.Time, type)}: forecasts use the order of the rows, so sort them by time first, "
                    + $"or remove late rows.{DoubledTimes.HintAtZone(type, _zone, history.Time - time)}");
        }
        if (_limit?.Exceeded(history.Time, time) is { } latest)
        {
            var type = _row.Schema[_forecast.TimeColumn!].Type;
            throw ColumnErrors.Value("time", _forecast.TimeColumn!, _row.Position,
                $"is {TooFar(Describe(time, type), Describe(history.Time, type), Describe(latest, type), OfSeries())}.");
        }
        foreach (var (read, offset) in _columns) read(_values.AsSpan(offset));
        if (_forecast.AllowsMissing) FiniteNumbers.LeaveOutInfinite(_values);
        if (place is { } old)
        {
            if (time < history.Time && Remark is null) Remark = SayReplaced(time, history.Time - time);
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

    private string Describe(long time, Microsoft.ML.Data.DataViewType type) => TimeReader.Describe(time, type, _zone);

    // A corrected row, or the second of two hours.
    private string? SayReplaced(long time, long back)
    {
        var type = _row.Schema[_forecast.TimeColumn!].Type;
        return DoubledTimes.HintAtZone(type, _zone, back) is { Length: > 0 } hint
            ? $"Rows came again after later ones and took the places of the older rows, the first {Describe(time, type)}.{hint}"
            : null;
    }

    // The time of the newest row before the first one here.
    private long Previous() => _previous?.Invoke(Name) ?? long.MinValue;

    private string OfSeries() =>
        _forecast.SeriesKey.IsEmpty ? "" : $" of the same series ('{string.Join("', '", _forecast.SeriesKey)}': '{Name}')";
}
