namespace Microsoft.ML.Recurrent.Tensors;

/// <summary>
/// The rows of a gradient that may be other than zero, in the order in which they were touched: of a table of 10,000 words a step reads a few hundred, and all
/// others need neither be cleared nor looked at. While <see cref="IsPartial"/> is false any row may hold anything.
/// </summary>
internal sealed class RowSet(int rowsOfTable)
{
    private readonly int[] _rows = new int[rowsOfTable];
    private readonly int[] _marks = new int[rowsOfTable];
    private int _count, _generation;

    /// <summary>Whether all rows that are not in the set are zeros.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>The rows, each once.</summary>
    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, _count);

    /// <summary>Starts an empty set: all rows are zeros now.</summary>
    public void Clear()
    {
        (_count, IsPartial) = (0, true);
        _generation++;
    }

    /// <summary>Takes a row in.</summary>
    public void Add(int row)
    {
        if (_marks[row] == _generation) return;
        _marks[row] = _generation;
        _rows[_count++] = row;
    }

    /// <summary>From now on any row may hold anything.</summary>
    public void Widen() => (_count, IsPartial) = (0, false);
}
