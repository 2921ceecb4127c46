using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The last rows of one series: a ring of as many as a window has, and the statics of the last one.</summary>
internal sealed class SeriesHistory(int rows, int width, int statics)
{
    private readonly float[] _ring = new float[rows * width];
    private readonly float[] _statics = new float[statics];
    private int _next;
    private int _clean;
    private long _time = long.MinValue;
    private int _count;

    /// <summary>Whether a whole window without NaN is there.</summary>
    public bool IsReady => _clean == rows;

    /// <summary>Rows without NaN, up to a window.</summary>
    public int Rows => _clean;

    /// <summary>Rows that were added in all.</summary>
    public int Count => _count;

    /// <summary>The time to which it has moved on.</summary>
    public long Time => _time;

    /// <summary>Statics of the last row, to be filled when a row is added.</summary>
    public Span<float> Statics => _statics;

    /// <summary>Moves on to a time; false where it lies before the last one.</summary>
    public bool Advance(long time)
    {
        if (time < _time) return false;
        _time = time;
        return true;
    }

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        values.CopyTo(_ring.AsSpan(_next * width));
        _count++;
        _next = _next + 1 == rows ? 0 : _next + 1;
        _clean = FiniteNumbers.All(values) ? Math.Min(_clean + 1, rows) : 0;
    }

    /// <summary>Copies some channels of the window, oldest row first.</summary>
    public void CopyTo(Span<float> destination, int offset, int size)
    {
        var target = 0;
        for (var i = 0; i < rows; i++, target += size)
        {
            var row = _next + i;
            if (row >= rows) row -= rows;
            _ring.AsSpan(row * width + offset, size).CopyTo(destination[target..]);
        }
    }

    /// <summary>A copy that goes its own way.</summary>
    public SeriesHistory Clone()
    {
        var copy = new SeriesHistory(rows, width, statics) { _next = _next, _clean = _clean, _time = _time, _count = _count };
        _ring.CopyTo(copy._ring.AsSpan());
        _statics.CopyTo(copy._statics.AsSpan());
        return copy;
    }

    public void Save(BinaryWriter writer)
    {
        // *** Binary format ***
        // int: next row of the ring; int: rows without NaN; long: time; floats: ring, statics
        writer.Write(_next);
        writer.Write(_clean);
        writer.Write(_time);
        foreach (var value in _ring) writer.Write(value);
        foreach (var value in _statics) writer.Write(value);
    }

    public void Load(BinaryReader reader)
    {
        (_next, _clean, _time) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64());
        if (_next < 0 || _next >= rows || _clean < 0 || _clean > rows) throw new InvalidDataException("A series' history is damaged.");
        foreach (ref var value in _ring.AsSpan()) value = reader.ReadSingle();
        foreach (ref var value in _statics.AsSpan()) value = reader.ReadSingle();
    }
}
