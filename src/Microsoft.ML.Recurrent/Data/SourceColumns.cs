using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Values of source columns at selected rows, read on first use and cached: the passed-through columns of a view of windows or sequences.</summary>
internal sealed class SourceColumns
{
    private readonly IDataView _source;
    private readonly int[] _needed;
    private readonly int[] _indexOfRow;
    private readonly StoredColumn?[] _columns;
    private readonly Lock _lock = new();

    /// <param name="source">The source, read again for further columns: its rows must be the same each time.</param>
    /// <param name="rows">The source row of each row of the view.</param>
    public SourceColumns(IDataView source, int[] rows)
    {
        _source = source;
        _needed = rows.Distinct().Order().ToArray();
        _indexOfRow = Array.ConvertAll(rows, row => Array.BinarySearch(_needed, row));
        _columns = new StoredColumn?[source.Schema.Count];
    }

    /// <summary>Reads the given source columns if not yet read.</summary>
    public void Read(IEnumerable<DataViewSchema.Column> columns)
    {
        lock (_lock)
        {
            var missing = columns.Where(column => _columns[column.Index] is null).ToArray();
            if (missing.Length == 0) return;
            var stored = Array.ConvertAll(missing, column => StoredColumn.Create(column.Type));
            using var cursor = _source.GetRowCursor(missing);
            var append = missing.Select((column, i) => stored[i].Bind(cursor, column)).ToArray();
            long row = -1;
            foreach (var needed in _needed)
            {
                while (row < needed)
                {
                    if (!cursor.MoveNext())
                        throw new InvalidOperationException(
                            "The source has fewer rows than at the first read: cache it (mlContext.Data.Cache) if its rows change from pass to pass.");
                    row++;
                }
                foreach (var action in append) action();
            }
            for (var i = 0; i < missing.Length; i++) _columns[missing[i].Index] = stored[i];
        }
    }

    /// <summary>A getter of a column, for the row of the view at <paramref name="position"/>.</summary>
    public Delegate Getter(DataViewSchema.Column column, RowPosition position) => _columns[column.Index]!.Getter(() => _indexOfRow[position.Row]);

    /// <summary>A getter of the values at some rows of the view as one vector.</summary>
    /// <param name="column">A scalar column that was read.</param>
    /// <param name="first">The first of the rows.</param>
    /// <param name="count">The number of rows.</param>
    public Delegate Getter(DataViewSchema.Column column, Func<int> first, int count) =>
        _columns[column.Index]!.Getter(step => _indexOfRow[first() + step], count);
}
