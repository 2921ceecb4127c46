using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration.Tasks;

/// <summary>Reads the first row of a view, as code.</summary>
internal static class SampleReader
{
    /// <summary>The code of each property's value in the first row; its default where there is no row.</summary>
    public static Func<RowProperty, string> Read(IDataView view, RowClass rows)
    {
        DataViewSchema.Column[] columns = [.. rows.Properties.Select(property => view.Schema[property.Column])];
        using var cursor = view.GetRowCursor(columns);
        if (!cursor.MoveNext()) return static property => property.TypeName switch { "string" => "\"\"", var type => type.EndsWith(']') ? "[]" : "default" };
        var values = columns.ToDictionary(static column => column.Name, column => Value(cursor, column));
        return property => property.Value(values[property.Column]);
    }

    private static object Value(DataViewRow row, DataViewSchema.Column column) => column.Type is VectorDataViewType vector
        ? vector.ItemType is TextDataViewType ? Items<ReadOnlyMemory<char>>(row, column).Select(static text => text.ToString()).ToArray()
            : Call(nameof(Items), vector.ItemType.RawType, row, column)
        : column.Type is TextDataViewType ? Get<ReadOnlyMemory<char>>(row, column).ToString()
        : Call(nameof(Get), column.Type.RawType, row, column);

    private static object Call(string method, Type type, DataViewRow row, DataViewSchema.Column column) =>
        typeof(SampleReader).GetMethod(method, System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!.MakeGenericMethod(type)
            .Invoke(null, [row, column])!;

    private static T Get<T>(DataViewRow row, DataViewSchema.Column column)
    {
        T value = default!;
        row.GetGetter<T>(column)(ref value);
        return value;
    }

    private static T[] Items<T>(DataViewRow row, DataViewSchema.Column column) => [.. Get<VBuffer<T>>(row, column).DenseValues()];
}
