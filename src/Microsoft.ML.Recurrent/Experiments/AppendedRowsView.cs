using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Experiments;

/// <summary>The rows of a view, then those of another with the same columns.</summary>
internal sealed class AppendedRowsView : IDataView
{
    private readonly IDataView _first, _second;
    private readonly DataViewSchema.Column[] _columns, _others;
    private readonly string _role;

    /// <param name="first">The training rows.</param>
    /// <param name="second">The rows behind them.</param>
    /// <param name="role">What the second rows are, for messages.</param>
    /// <exception cref="ArgumentException">The second view lacks a column of the first, or has it with another type.</exception>
    public AppendedRowsView(IDataView first, IDataView second, string role = "validation")
    {
        (_first, _second, _role) = (first, second, role);
        _columns = [.. first.Schema.Where(column => !column.IsHidden)];
        _others = [.. _columns.Select(Other)];
        var builder = new DataViewSchema.Builder();
        foreach (var column in _columns) builder.AddColumn(column.Name, column.Type, column.Annotations);
        Schema = builder.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => _first.GetRowCount() + _second.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        int[] needed = [.. columnsNeeded.Select(column => column.Index)];
        return new Cursor(this, needed.ToHashSet(), _first.GetRowCursor(needed.Select(index => _columns[index])),
            _second.GetRowCursor(needed.Select(index => _others[index])));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private DataViewSchema.Column Other(DataViewSchema.Column column) =>
        _second.Schema.GetColumnOrNull(column.Name) is not { } other
            ? throw new ArgumentException($"The {_role} rows have no column '{column.Name}', which the training rows have.")
        : other.Type.Equals(column.Type) ? other
        : throw ColumnErrors.Mismatch(_role, column.Name, column.Type.ToString()!, other.Type.ToString()!);

    private sealed class Cursor(AppendedRowsView view, HashSet<int> active, DataViewRowCursor first, DataViewRowCursor second) : DataViewRowCursor
    {
        private long _position = -1;
        private bool _isSecond;

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            var (one, other) = (first.GetGetter<TValue>(view._columns[column.Index]), second.GetGetter<TValue>(view._others[column.Index]));
            return (ref TValue value) => (_isSecond ? other : one)(ref value);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new((ulong)_position, 0);

        public override bool MoveNext()
        {
            if (!_isSecond && !first.MoveNext()) _isSecond = true;
            var moved = !_isSecond || second.MoveNext();
            _position = moved ? _position + 1 : -1;
            return moved;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                first.Dispose();
                second.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
