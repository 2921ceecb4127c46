using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Text;

/// <summary>A column of tokens: a vector of keys.</summary>
internal static class TokenColumn
{
    private const string Role = "token", Expected = "a vector of keys";

    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    public static SequenceColumn Resolve(DataViewSchema schema, string name)
    {
        var column = Columns.Find(schema, name, Role);
        return column.Type is VectorDataViewType { ItemType: KeyDataViewType } ? SequenceColumn.Resolve(column, Role)
            : throw ColumnErrors.Mismatch(Role, name, Expected, column.Type.ToString()!,
                Remedy((column.Type as VectorDataViewType)?.ItemType ?? column.Type, name, column.Type is VectorDataViewType));
    }

    /// <summary>Checks what a schema shape tells about the column.</summary>
    public static void Check(SchemaShape schema, string name)
    {
        var column = Columns.Find(schema, name, Role);
        var vector = column.Kind != SchemaShape.Column.VectorKind.Scalar;
        if (!vector || !column.IsKey) throw ColumnErrors.Mismatch(Role, name, Expected, ColumnErrors.Describe(column), Remedy(column.ItemType, name, vector));
    }

    /// <summary>The key values; null if the column has none.</summary>
    public static LabelManifest? Values(DataViewSchema schema, string name) => LabelReader.KeyValues(schema[name]);

    private static string? Remedy(DataViewType item, string name, bool vector) =>
        vector ? ColumnErrors.KeyRemedy(name) : ColumnErrors.SequenceRemedy(false, item.RawType, name);
}
