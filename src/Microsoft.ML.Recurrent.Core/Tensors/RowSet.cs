namespace Microsoft.ML.Recurrent.Tensors;

/// <summary>
/// The rows of a gradient that may be nonzero, in the order in which they were touched. A step reads a few hundred rows of a table of 10,000 words; the others
/// need not be cleared or visited. While <see cref="IsPartial"/> is false, any row may be nonzero.
/// </summary>
internal sealed class RowSet(int rowsOfTable)
{
    private readonly int[] _rows = new int[rowsOfTable];
    private readonly int[] _marks = new int[rowsOfTable];
    private int _count, _generation;

    /// <summary>Whether all rows outside the set are zero.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>The rows, without duplicates.</summary>
    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, _count);

    /// <summary>Resets to an empty set: all rows are zero.</summary>
    public void Clear()
    {
        (_count, IsPartial) = (0, true);
        _generation++;
    }

    /// <summary>Adds a row.</summary>
    public void Add(int row)
    {
        if (_marks[row] == _generation) return;
        _marks[row] = _generation;
        _rows[_count++] = row;
    }

    /// <summary>From now on any row may be nonzero.</summary>
    public void Widen() => (_count, IsPartial) = (0, false);
}
