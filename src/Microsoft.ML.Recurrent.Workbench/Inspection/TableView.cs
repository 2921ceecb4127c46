using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Tables;

namespace Microsoft.ML.Recurrent.Workbench.Inspection;

/// <summary>
/// The rows of a table as ML.NET reads them, anew from the file for each cursor: numbers as Single (Double where a Single does not hold whole numbers of their
/// size), times as DateTime, and texts; a missing number is NaN, a missing text is empty, a missing time is refused.
/// </summary>
public sealed class TableView : IDataView
{
    private const double LargestOfSingle = 1 << 24;

    private readonly TableSource _source;
    private readonly TableProfile _profile;

    /// <summary>Makes a view.</summary>
    /// <param name="source">The table.</param>
    /// <param name="profile">What its columns hold.</param>
    public TableView(TableSource source, TableProfile profile)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(profile);
        (_source, _profile) = (source, profile);
        var builder = new DataViewSchema.Builder();
        foreach (var column in profile.Columns) builder.AddColumn(column.Name, TypeOf(column));
        Schema = builder.ToSchema();
    }

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <summary>False: rows come in the order of the file.</summary>
    public bool CanShuffle => false;

    /// <inheritdoc/>
    public long? GetRowCount() => _profile.Rows;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = new bool[Schema.Count];
        foreach (var column in columnsNeeded) active[column.Index] = true;
        return new Cursor(this, active);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private static PrimitiveDataViewType TypeOf(ColumnProfile column) => column.Kind switch
    {
        ColumnKind.Number => Math.Max(Math.Abs(column.Minimum!.Value), Math.Abs(column.Maximum!.Value)) > LargestOfSingle ? NumberDataViewType.Double
            : NumberDataViewType.Single,
        ColumnKind.Empty => NumberDataViewType.Single,
        ColumnKind.Time => DateTimeDataViewType.Instance,
        ColumnKind.Boolean => BooleanDataViewType.Instance,
        ColumnKind.Text => TextDataViewType.Instance,
        _ => throw new ArgumentOutOfRangeException(nameof(column), column.Kind, "No such kind."),
    };

    private sealed class Cursor(TableView view, bool[] active) : DataViewRowCursor
    {
        private readonly TableRows _rows = view._source.OpenRows();
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override bool MoveNext()
        {
            if (!_rows.Read())
            {
                _position = -1;
                return false;
            }
            _position++;
            return true;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!active[column.Index])
                throw new ArgumentException($"The column '{column.Name}' was not requested when this cursor was opened.", nameof(column));
            Delegate getter = column.Type switch
            {
                TextDataViewType => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) =>
                    value = _rows.IsMissing(column.Index) ? default : _rows.Text(column.Index).ToString().AsMemory()),
                DateTimeDataViewType => (ValueGetter<DateTime>)((ref DateTime value) => value = Time(column)),
                BooleanDataViewType => (ValueGetter<bool>)((ref bool value) => value = Boolean(column)),
                NumberDataViewType { RawType: var raw } when raw == typeof(float) => (ValueGetter<float>)((ref float value) => value = (float)Number(column)),
                _ => (ValueGetter<double>)((ref double value) => value = Number(column)),
            };
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"The column '{column.Name}' holds {column.Type.RawType.Name}, not {typeof(TValue).Name}.");
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new((ulong)_position, 0);

        protected override void Dispose(bool disposing)
        {
            if (disposing) _rows.Dispose();
            base.Dispose(disposing);
        }

        private double Number(DataViewSchema.Column column) => _rows.IsMissing(column.Index) ? double.NaN
            : _rows.TryGetNumber(column.Index, out var number) ? number : throw Wrong(column, "a number");

        private bool Boolean(DataViewSchema.Column column) =>
            bool.TryParse(_rows.Text(column.Index), out var value) ? value : throw Wrong(column, "true or false");

        private DateTime Time(DataViewSchema.Column column)
        {
            DateTime time = default;
            var isTime = view._profile.Columns[column.Index].TimeFormat is { } format ? format.TryParse(_rows.Text(column.Index), out time)
                : _rows.TryGetTime(column.Index, out time);
            return isTime ? time : throw Wrong(column, "a time");
        }

        private InvalidDataException Wrong(DataViewSchema.Column column, string expected) =>
            new($"'{view._source.Path}', line {_rows.Line}: the column '{column.Name}' should hold {expected}, but holds "
                + (_rows.IsMissing(column.Index) ? "nothing." : $"'{_rows.Text(column.Index)}'."));
    }
}
