namespace Microsoft.ML.Recurrent.Workbench.Tables;

/// <summary>The rows of a file that holds columns, part by part.</summary>
/// <param name="path">The file.</param>
/// <param name="parts">Reads the parts: the number of rows of each, and its columns.</param>
internal sealed class ColumnarRows(string path, IEnumerator<(int Rows, ColumnCells[] Columns)> parts) : TableRows
{
    private long _line;
    private int _row = -1;
    private bool _began;

    public override long Line => _line;

    public override bool Read()
    {
        _line++;
        if (_began && ++_row < parts.Current.Rows) return true;
        try
        {
            while (parts.MoveNext())
            {
                (_began, _row) = (true, 0);
                if (parts.Current.Rows > 0) return true;
            }
            return false;
        }
        catch (Exception error) when (error is not (IOException or InvalidDataException or OutOfMemoryException))
        {
            // What the libraries throw where bytes are wrong is of any type.
            throw new InvalidDataException($"'{path}' is broken after row {_line - 1}: {error.Message}", error);
        }
    }

    public override bool IsMissing(int column) => Cells(column).IsMissing(_row);

    public override ReadOnlySpan<char> Text(int column) => Cells(column).Text(_row);

    public override bool TryGetNumber(int column, out double number)
    {
        var value = Cells(column).Number(_row);
        number = value ?? 0;
        return value is not null;
    }

    public override bool TryGetTime(int column, out DateTime time)
    {
        var value = Cells(column).Time(_row);
        time = value ?? default;
        return value is not null;
    }

    public override void Dispose() => parts.Dispose();

    private ColumnCells Cells(int column) => parts.Current.Columns[column];
}
