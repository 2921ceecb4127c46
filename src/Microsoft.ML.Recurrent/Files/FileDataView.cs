using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Files;

/// <summary>A data view whose rows are made anew for each cursor, one at a time, as a parser reads them from a file.</summary>
/// <param name="schema">The columns.</param>
/// <param name="read">Opens the rows: a value of the column's raw type for each column.</param>
internal sealed class FileDataView(DataViewSchema schema, Func<IEnumerable<object[]>> read) : IDataView
{
    public DataViewSchema Schema { get; } = schema;

    /// <summary>Rows come in the order of the file: use mlContext.Data.ShuffleRows on a cached view.</summary>
    public bool CanShuffle => false;

    /// <summary>Unknown without reading the file.</summary>
    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = new bool[Schema.Count];
        foreach (var column in columnsNeeded) active[column.Index] = true;
        return new Cursor(Schema, active, read().GetEnumerator());
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    /// <summary>A vector of values, as cursors give it.</summary>
    public static VBuffer<T> Vector<T>(T[] values) => new(values.Length, values);

    private sealed class Cursor(DataViewSchema schema, bool[] active, IEnumerator<object[]> rows) : DataViewRowCursor
    {
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override bool MoveNext()
        {
            if (rows.MoveNext())
            {
                _position++;
                return true;
            }
            _position = -1;
            return false;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!active[column.Index])
                throw new ArgumentException($"The column '{column.Name}' was not requested when this cursor was opened.", nameof(column));
            if (column.Type.RawType != typeof(TValue))
                throw new InvalidOperationException($"The column '{column.Name}' holds {column.Type.RawType.Name}, not {typeof(TValue).Name}.");
            var value = (Value)Activator.CreateInstance(column.Type is VectorDataViewType vector
                ? typeof(Vectors<>).MakeGenericType(vector.ItemType.RawType) : typeof(Scalars<>).MakeGenericType(typeof(TValue)))!;
            return (ValueGetter<TValue>)value.Getter(() => rows.Current[column.Index]);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new((ulong)_position, 0);

        protected override void Dispose(bool disposing)
        {
            if (disposing) rows.Dispose();
            base.Dispose(disposing);
        }
    }

    private abstract class Value
    {
        public abstract Delegate Getter(Func<object> current);
    }

    private sealed class Scalars<T> : Value
    {
        public override Delegate Getter(Func<object> current) => (ValueGetter<T>)((ref T value) => value = (T)current());
    }

    // A consumer may write into the vector that it is given, while others read the same row.
    private sealed class Vectors<T> : Value
    {
        public override Delegate Getter(Func<object> current) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => ((VBuffer<T>)current()).CopyTo(ref value));
    }
}
