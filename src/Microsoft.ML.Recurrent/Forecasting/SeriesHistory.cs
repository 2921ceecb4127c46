using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The last rows of one series: a ring of as many as a window has, each with all columns' numbers.</summary>
/// <param name="rows">Rows of a window.</param>
/// <param name="width">Numbers a row.</param>
/// <param name="watched">How many of them, the first ones, must not be missing in a window.</param>
internal sealed class SeriesHistory(int rows, int width, int watched)
{
    private readonly float[] _ring = new float[rows * width];
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

    /// <summary>The last row.</summary>
    public ReadOnlySpan<float> Last => _ring.AsSpan((_next == 0 ? rows - 1 : _next - 1) * width, width);

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
        _clean = FiniteNumbers.All(values[..watched]) ? Math.Min(_clean + 1, rows) : 0;
    }

    /// <summary>A row of the window, 0 the oldest.</summary>
    public ReadOnlySpan<float> Row(int index)
    {
        var row = _next + index;
        return _ring.AsSpan((row >= rows ? row - rows : row) * width, width);
    }

    /// <summary>A copy that goes its own way.</summary>
    public SeriesHistory Clone()
    {
        var copy = new SeriesHistory(rows, width, watched) { _next = _next, _clean = _clean, _time = _time, _count = _count };
        _ring.CopyTo(copy._ring.AsSpan());
        return copy;
    }

    public void Save(BinaryWriter writer)
    {
        // *** Binary format ***
        // int: next row of the ring; int: rows without NaN; long: time; floats: ring
        writer.Write(_next);
        writer.Write(_clean);
        writer.Write(_time);
        foreach (var value in _ring) writer.Write(value);
    }

    public void Load(BinaryReader reader)
    {
        (_next, _clean, _time) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64());
        if (_next < 0 || _next >= rows || _clean < 0 || _clean > rows) throw new InvalidDataException("A series' history is damaged.");
        foreach (ref var value in _ring.AsSpan()) value = reader.ReadSingle();
    }
}
