using System.Runtime.InteropServices;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The last rows of one series: a ring buffer of the size of a window, with the numbers of all columns.</summary>
internal sealed class SeriesHistory
{
    private readonly SeriesLayout _layout;
    private readonly bool _allowsMissing;
    private readonly int _rows, _width, _least;
    private readonly float[] _ring;
    private int _next, _clean, _count;

    // Rows since one had a target.
    private int _silent;
    private long _time = long.MinValue;

    public SeriesHistory(ForecastManifest forecast, SeriesLayout layout)
    {
        (_layout, _allowsMissing, _rows, _width) = (layout, forecast.AllowsMissing, forecast.WindowSize, layout.Width);
        _least = forecast.MinimumHistory > 0 ? forecast.MinimumHistory : forecast.WindowSize;
        _ring = layout.MissingRows(_rows);
        _silent = _rows;
    }

    /// <summary>Whether the window can be forecast: it has enough rows, without NaN or, if values may be missing, with at least one target.</summary>
    public bool IsReady => _allowsMissing ? _count >= _least && _silent < _rows : _clean == _rows && FiniteNumbers.All(Statics);

    /// <summary>Describes what the window lacks for <see cref="IsReady"/>.</summary>
    public string MissingReason => !_allowsMissing && _clean == _rows
        ? "a missing value in the static columns of its last observation; a forecast needs all of them, unless the model is trained with "
            + "MissingValues.Handling = Mask"
        : !_allowsMissing ? $"{_clean} observations without NaN in a row; a forecast needs {_rows}"
        : _count < _least ? $"{_count} observations; a forecast needs {_least}" : $"no target in its last {_rows} observations; a forecast needs one";

    /// <summary>Total number of added rows.</summary>
    public int Count => _count;

    /// <summary>The current time.</summary>
    public long Time => _time;

    /// <summary>The last row.</summary>
    public ReadOnlySpan<float> Last => _ring.AsSpan((_next == 0 ? _rows - 1 : _next - 1) * _width, _width);

    private ReadOnlySpan<float> Statics => Last.Slice(_layout.Features, _layout.Statics);

    /// <summary>The time of the first row since it was created or loaded.</summary>
    public long FirstTime { get; private set; } = long.MinValue;

    /// <summary>Adds a row with its time.</summary>
    public void Add(ReadOnlySpan<float> values, long time)
    {
        if (_count == 0) FirstTime = time;
        _time = time;
        Add(values);
    }

    /// <summary>Adds a row without a time.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        values.CopyTo(_ring.AsSpan(_next * _width));
        _count++;
        _next = _next + 1 == _rows ? 0 : _next + 1;
        _clean = FiniteNumbers.All(values[.._layout.Features]) ? Math.Min(_clean + 1, _rows) : 0;
        _silent = _layout.HasTarget(values) ? 0 : Math.Min(_silent + 1, _rows);
    }

    /// <summary>Counts rows that are followed by more than a window of others, so that they need not be stored.</summary>
    public void Skip(long rows) => _count = (int)Math.Min(_count + Math.Max(0, rows), int.MaxValue / 2);

    /// <summary>Adds the rows of another history of the same model, at most the last window.</summary>
    public void Append(SeriesHistory later)
    {
        var rows = Math.Min(later._count, _rows);
        for (var row = _rows - rows; row < _rows; row++) Add(later.Row(row));
        (_count, _time) = (_count + later._count - rows, later._time);
    }

    /// <summary>Adds the window to a batch that is to be scored.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="filler">Writes it.</param>
    /// <param name="future">The future features, step by step.</param>
    public void AddTo(ScoringBatch batch, SeriesFiller filler, ReadOnlySpan<float> future)
    {
        var newer = (_next == 0 ? _rows : _next) * _width;
        filler.Fill(batch, batch.Add(_rows), _ring.AsSpan(newer), _ring.AsSpan(0, newer), future);
    }

    // A row of the window, 0 the oldest.
    private ReadOnlySpan<float> Row(int index)
    {
        var row = _next + index;
        return _ring.AsSpan((row >= _rows ? row - _rows : row) * _width, _width);
    }

    /// <summary>Copies the state of another series of the same model.</summary>
    public SeriesHistory CopyFrom(SeriesHistory other)
    {
        (_next, _clean, _count, _silent, _time) = (other._next, other._clean, other._count, other._silent, other._time);
        other._ring.CopyTo(_ring.AsSpan());
        return this;
    }

    public void Save(BinaryWriter writer)
    {
        // *** Binary format ***
        // int: next row of the ring; int: rows without NaN; int: rows in all; int: rows since one had a target; long: time; floats: ring
        writer.Write(_next);
        writer.Write(_clean);
        writer.Write(_count);
        writer.Write(_silent);
        writer.Write(_time);
        writer.Write(MemoryMarshal.AsBytes(_ring.AsSpan()));
    }

    public void Load(BinaryReader reader)
    {
        (_next, _clean, _count, _silent, _time) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64());
        if (_next < 0 || _next >= _rows || _clean < 0 || _clean > _rows || _count < _clean || _silent < 0 || _silent > _rows)
            throw new InvalidDataException("The history of a series is corrupt.");
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_ring.AsSpan()));
    }
}
