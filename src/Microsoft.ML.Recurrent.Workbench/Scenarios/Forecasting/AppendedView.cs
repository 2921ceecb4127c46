using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios.Forecasting;

/// <summary>The rows of one view, then those of another with the same columns.</summary>
internal sealed class AppendedView : IDataView
{
    private readonly IDataView _first, _second;

    public AppendedView(IDataView first, IDataView second)
    {
        (_first, _second) = (first, second);
        foreach (var column in first.Schema)
        {
            if (second.Schema.GetColumnOrNull(column.Name) is { } other && other.Type.Equals(column.Type)) continue;
            throw new ArgumentException($"Both tables need the column '{column.Name}' of {column.Type}.", nameof(second));
        }
    }

    public DataViewSchema Schema => _first.Schema;

    public bool CanShuffle => false;

    public long? GetRowCount() => _first.GetRowCount() + _second.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        return new Cursor(this, _first.GetRowCursor(columns), _second.GetRowCursor(columns.Select(column => _second.Schema[column.Name])));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(AppendedView view, DataViewRowCursor first, DataViewRowCursor second) : DataViewRowCursor
    {
        private long _position = -1;
        private bool _inSecond, _ended;

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => first.IsColumnActive(column);

        public override bool MoveNext()
        {
            if (_ended) return false;
            if (_inSecond ? second.MoveNext() : first.MoveNext() || (_inSecond = second.MoveNext()))
            {
                _position++;
                return true;
            }
            _ended = true;
            _position = -1;
            return false;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            var (one, other) = (first.GetGetter<TValue>(column), second.GetGetter<TValue>(second.Schema[column.Name]));
            return (ref TValue value) =>
            {
                if (_inSecond) other(ref value);
                else one(ref value);
            };
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new((ulong)_position, 0);

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
