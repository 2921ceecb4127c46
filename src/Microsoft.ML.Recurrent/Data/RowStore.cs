namespace Microsoft.ML.Recurrent.Data;

/// <summary>A growing array of values that is handed over without a copy where its length was known: lists leave as much garbage as they hold.</summary>
/// <typeparam name="T">The type of a value.</typeparam>
/// <param name="capacity">The expected number of values; 0 if it is unknown.</param>
internal sealed class RowStore<T>(int capacity = 0)
{
    private const int LeastCapacity = 16;

    private T[] _values = capacity == 0 ? [] : GC.AllocateUninitializedArray<T>(capacity);

    /// <summary>The number of values.</summary>
    public int Count { get; private set; }

    /// <summary>The values.</summary>
    public Span<T> Span => _values.AsSpan(0, Count);

    public ref T this[int index] => ref _values[index];

    /// <summary>Appends a value.</summary>
    public void Add(T value)
    {
        Reserve(1);
        _values[Count++] = value;
    }

    /// <summary>Appends values.</summary>
    public void AddRange(ReadOnlySpan<T> values)
    {
        Reserve(values.Length);
        values.CopyTo(_values.AsSpan(Count));
        Count += values.Length;
    }

    /// <summary>The values as an array of their length. The store is empty then.</summary>
    public T[] Take()
    {
        var taken = Count == _values.Length ? _values : _values[..Count];
        (_values, Count) = ([], 0);
        return taken;
    }

    private void Reserve(int more)
    {
        if (Count + (long)more <= _values.Length) return;
        Array.Resize(ref _values, (int)Math.Min(Array.MaxLength, Math.Max(Count + (long)more, Math.Max(LeastCapacity, 2L * _values.Length))));
    }
}
