using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>The position of a row, shared by the getters of one cursor.</summary>
internal sealed class RowPosition
{
    public long Row = -1;
}

/// <summary>A data view whose rows are computed by index from data read once: cursors are independent and may run concurrently.</summary>
internal abstract class ComputedDataView(DataViewSchema schema, DataViewSchema.Column[] sources) : IDataView
{
    public DataViewSchema Schema { get; } = schema;

    /// <summary>Shuffling would need random access to all columns: use mlContext.Data.ShuffleRows on a cached view.</summary>
    public bool CanShuffle => false;

    /// <summary>The number of rows if known without a pass over the data.</summary>
    public abstract long? GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = new bool[Schema.Count];
        foreach (var column in columnsNeeded)
        {
            if (column.Index >= active.Length || Schema[column.Index].Name != column.Name)
                throw new ArgumentException($"The column '{column.Name}' is not in this view.", nameof(columnsNeeded));
            active[column.Index] = true;
        }
        var position = new RowPosition();
        var rows = Open(active);
        Others.Read(sources.Where((_, i) => active[i]));
        var getters = new Delegate?[Schema.Count];
        for (var i = 0; i < sources.Length; i++)
        {
            if (active[i]) getters[i] = Others.Getter(sources[i], position);
        }
        CreateGetters(getters, active, position);
        return new Cursor(this, active, position, rows, getters);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    /// <summary>The columns of the source that are passed through: the first columns of this view.</summary>
    protected abstract SourceColumns Others { get; }

    /// <summary>Prepares the active columns, once; returns the number of rows.</summary>
    protected abstract long Open(bool[] active);

    /// <summary>
    /// Adds a getter (<see cref="ValueGetter{TValue}"/>) for each active column after the passed-through ones, for the row at <paramref name="position"/>.
    /// </summary>
    protected abstract void CreateGetters(Delegate?[] getters, bool[] active, RowPosition position);

    private sealed class Cursor(ComputedDataView view, bool[] active, RowPosition position, long rows, Delegate?[] getters) : DataViewRowCursor
    {
        public override long Position => position.Row;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => column.Index < active.Length && active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new ArgumentException($"The column '{column.Name}' was not requested when this cursor was opened.", nameof(column));
            return getters[column.Index] as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"The column '{column.Name}' holds {column.Type.RawType.Name}, not {typeof(TValue).Name}.");
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
        {
            if (position.Row < 0) throw new InvalidOperationException("The cursor is not on a row: call MoveNext first.");
            id = new DataViewRowId((ulong)position.Row, 0);
        };

        public override bool MoveNext()
        {
            if (_ended || ++position.Row < rows) return !_ended;
            _ended = true;
            position.Row = -1;
            return false;
        }

        private bool _ended;
    }
}
