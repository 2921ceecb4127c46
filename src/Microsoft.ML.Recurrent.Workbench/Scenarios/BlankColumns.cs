using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Workbench.Scenarios;

/// <summary>
/// Rows with an empty text in a column that they lack: a label, which a pipeline that was trained with it asks for, but no prediction reads.
/// </summary>
internal sealed class BlankColumns : IDataView
{
    private readonly IDataView _source;
    private readonly int _known;

    private BlankColumns(IDataView source, IEnumerable<string> names)
    {
        (_source, _known) = (source, source.Schema.Count);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(source.Schema);
        foreach (var name in names) builder.AddColumn(name, TextDataViewType.Instance);
        Schema = builder.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    /// <summary>Adds the columns that the rows lack.</summary>
    public static IDataView Add(IDataView rows, params IEnumerable<string> names)
    {
        string[] missing = [.. names.Where(name => rows.Schema.GetColumnOrNull(name) is null)];
        return missing.Length == 0 ? rows : new BlankColumns(rows, missing);
    }

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        return new Cursor(this, _source.GetRowCursor(columns.Where(column => column.Index < _known).Select(column => _source.Schema[column.Index])), columns);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private sealed class Cursor : PassThroughCursor
    {
        private readonly BlankColumns _view;
        private readonly DataViewRowCursor _rows;
        private readonly HashSet<int> _active;

        public Cursor(BlankColumns view, DataViewRowCursor rows, DataViewSchema.Column[] columns)
            : base(rows) => (_view, _rows, _active) = (view, rows, [.. columns.Select(static column => column.Index)]);

        public override DataViewSchema Schema => _view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (column.Index < _view._known) return _rows.GetGetter<TValue>(_view._source.Schema[column.Index]);
            ValueGetter<ReadOnlyMemory<char>> blank = (ref ReadOnlyMemory<char> value) => value = default;
            return (ValueGetter<TValue>)(Delegate)blank;
        }
    }
}
