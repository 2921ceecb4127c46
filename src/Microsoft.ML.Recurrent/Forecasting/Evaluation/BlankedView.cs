using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>A data view in which some rows keep only a few columns: all others are blank, NaN or the default of the type.</summary>
internal sealed class BlankedView(IDataView source, bool[] blank, IReadOnlyCollection<string> known) : IDataView
{
    private static readonly MethodInfo s_empty = typeof(BlankedView).GetMethod(nameof(Empty), BindingFlags.NonPublic | BindingFlags.Static)!;

    public DataViewSchema Schema => source.Schema;

    public bool CanShuffle => false;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(source.GetRowCursor(columnsNeeded), blank, known);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    /// <summary>The blank value of a column.</summary>
    private static TValue Nothing<TValue>(DataViewType type)
    {
        if (typeof(TValue) == typeof(float)) return (TValue)(object)float.NaN;
        if (typeof(TValue) == typeof(double)) return (TValue)(object)double.NaN;
        if (type is not VectorDataViewType { Size: > 0 } vector) return default!;
        if (vector.ItemType.RawType == typeof(float)) return (TValue)(object)new VBuffer<float>(vector.Size, [.. Enumerable.Repeat(float.NaN, vector.Size)]);
        if (vector.ItemType.RawType == typeof(double)) return (TValue)(object)new VBuffer<double>(vector.Size, [.. Enumerable.Repeat(double.NaN, vector.Size)]);
        return (TValue)s_empty.MakeGenericMethod(vector.ItemType.RawType).Invoke(null, [vector.Size])!;
    }

    private static VBuffer<T> Empty<T>(int size) => new(size, 0, [], []);

    private sealed class Cursor(DataViewRowCursor source, bool[] blank, IReadOnlyCollection<string> known) : PassThroughCursor(source)
    {
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            var get = Source.GetGetter<TValue>(column);
            if (known.Contains(column.Name)) return get;
            return (ref TValue value) =>
            {
                if (blank[Source.Position]) value = Nothing<TValue>(column.Type);
                else get(ref value);
            };
        }
    }
}
