using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>Reads the current row of a cursor into its series' history.</summary>
internal sealed class SeriesObserver
{
    private readonly DataViewRow _row;
    private readonly ForecastManifest _forecast;
    private readonly SeriesState _state;
    private readonly (NumberReader Reader, int Offset)[] _channels, _statics;
    private readonly Func<int>? _readSeries;
    private readonly Func<long>? _readTime;
    private readonly float[] _values;
    private int _series;

    public SeriesObserver(DataViewRow row, ModelManifest manifest, SeriesState state)
    {
        (_row, _forecast, _state) = (row, manifest.Forecast!, state);
        _channels = Open(InputKind.Sequence, out var width);
        _statics = Open(InputKind.Static, out _);
        _values = new float[width];
        if (_forecast.SeriesColumn is { } series) _readSeries = SeriesReader.Open(row, row.Schema[series], state.Index);
        if (_forecast.TimeColumn is { } time) _readTime = TimeReader.Open(row, row.Schema[time]);

        (NumberReader, int)[] Open(InputKind kind, out int width)
        {
            var readers = new List<(NumberReader, int)>();
            width = 0;
            foreach (var column in manifest.Inputs.Where(input => input.Kind == kind))
            {
                readers.Add((NumberReader.Create(row, row.Schema[column.Column], column.Features), width));
                width += column.Features;
            }
            return [.. readers];
        }
    }

    /// <summary>The number of the series that the last row belonged to.</summary>
    public int Series => _series;

    /// <summary>Adds the current row; returns its series' history.</summary>
    /// <exception cref="ArgumentException">The row lies before one that was read already.</exception>
    public SeriesHistory Observe()
    {
        var history = _state[_series = _readSeries?.Invoke() ?? 0];
        if (_readTime is not null && !history.Advance(_readTime()))
        {
            throw ColumnErrors.Value("time", _forecast.TimeColumn!, _row.Position,
                $"is earlier than a row before it{(_forecast.SeriesColumn is { } series ? $" of the same series ('{series}')" : "")}: forecasts look back in the rows' order, so sort the rows by time first.");
        }
        foreach (var (reader, offset) in _channels) reader.Read(_values.AsSpan(offset));
        foreach (var (reader, offset) in _statics) reader.Read(history.Statics[offset..]);
        history.Add(_values);
        return history;
    }
}
