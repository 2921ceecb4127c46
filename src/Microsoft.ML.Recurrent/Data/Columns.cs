using System.Reflection;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Finds columns by name and checks their types, in schemas and schema shapes.</summary>
internal static class Columns
{
    private const string OneKey = "It must hold one key per row.";

    private const string ExpectedKeys = "a vector of keys, one per step", KeyOfEachStep = "It must hold a key for each step of the sequence.";

    private const string ExpectedNumbers = "numbers (Single, Double, Int32, ...) or a vector of them of known size";

    public static DataViewSchema.Column Find(DataViewSchema schema, string name, string role) =>
        schema.GetColumnOrNull(name) ?? throw ColumnErrors.Missing(role, name, schema.Where(column => !column.IsHidden).Select(column => column.Name));

    public static SchemaShape.Column Find(SchemaShape schema, string name, string role)
    {
        foreach (var column in schema)
            if (column.Name == name) return column;
        throw ColumnErrors.Missing(role, name, schema.Select(candidate => candidate.Name));
    }

    /// <summary>Creates a reader of a column for its type of items.</summary>
    /// <param name="reader">The generic type of the reader, which is constructed from the row and the column.</param>
    /// <param name="row">The row.</param>
    /// <param name="column">The column.</param>
    public static T Open<T>(Type reader, DataViewRow row, DataViewSchema.Column column) =>
        (T)Activator.CreateInstance(reader.MakeGenericType(ItemType(column.Type).RawType), BindingFlags.DoNotWrapExceptions, null, [row, column], null)!;

    /// <summary>The type of numbers that are made of those of a column: Double if a Single does not hold all of them.</summary>
    public static NumberDataViewType MadeOf(DataViewType type) =>
        ItemType(type).RawType is var raw && (raw == typeof(double) || raw == typeof(int) || raw == typeof(uint) || raw == typeof(long) || raw == typeof(ulong))
            ? NumberDataViewType.Double
            : NumberDataViewType.Single;

    /// <summary>The item type of a column.</summary>
    public static DataViewType ItemType(DataViewType type) => (type as VectorDataViewType)?.ItemType ?? type;

    /// <summary>A scalar column.</summary>
    public static DataViewSchema.Column Scalar(DataViewSchema schema, string name, string role, DataViewType type)
    {
        var column = Find(schema, name, role);
        return column.Type.Equals(type)
            ? column
            : throw ColumnErrors.Mismatch(role, name, type.ToString()!, column.Type.ToString()!,
                ColumnErrors.ScalarRemedy(type, column.Type is VectorDataViewType, ItemType(column.Type) is KeyDataViewType, ItemType(column.Type).RawType,
                    name));
    }

    public static void CheckScalar(SchemaShape schema, string name, string role, DataViewType type)
    {
        var column = Find(schema, name, role);
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.IsKey || !column.ItemType.Equals(type))
            throw ColumnErrors.Mismatch(role, name, type.ToString()!, ColumnErrors.Describe(column),
                ColumnErrors.ScalarRemedy(type, column.Kind != SchemaShape.Column.VectorKind.Scalar, column.IsKey, column.ItemType.RawType, name));
    }

    /// <summary>A scalar key column of known count: the label of a multiclass model.</summary>
    public static (DataViewSchema.Column Column, int Count) Key(DataViewSchema schema, string name, string role)
    {
        var column = Find(schema, name, role);
        return column.Type is KeyDataViewType { Count: > 0 and < int.MaxValue } key ? (column, (int)key.Count)
            : throw ColumnErrors.Mismatch(role, name, "a key of known count", column.Type.ToString()!,
                column.Type is VectorDataViewType ? OneKey : ColumnErrors.KeyRemedy(name));
    }

    public static void CheckKey(SchemaShape schema, string name, string role)
    {
        var column = Find(schema, name, role);
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || !column.IsKey)
            throw ColumnErrors.Mismatch(role, name, "a key", ColumnErrors.Describe(column),
                column.Kind != SchemaShape.Column.VectorKind.Scalar ? OneKey : ColumnErrors.KeyRemedy(name));
    }

    /// <summary>A vector of keys of known count, of any length: a label per step.</summary>
    public static DataViewSchema.Column Keys(DataViewSchema schema, string name, string role)
    {
        var column = Find(schema, name, role);
        return column.Type is VectorDataViewType { ItemType: KeyDataViewType { Count: > 0 and < int.MaxValue } } ? column
            : throw ColumnErrors.Mismatch(role, name, ExpectedKeys, column.Type.ToString()!,
                column.Type is KeyDataViewType ? KeyOfEachStep : ColumnErrors.KeyRemedy(name));
    }

    public static void CheckKeys(SchemaShape schema, string name, string role)
    {
        var column = Find(schema, name, role);
        if (column.Kind is SchemaShape.Column.VectorKind.Scalar || !column.IsKey)
            throw ColumnErrors.Mismatch(role, name, ExpectedKeys, ColumnErrors.Describe(column), column.IsKey ? KeyOfEachStep : ColumnErrors.KeyRemedy(name));
    }

    /// <summary>
    /// A numeric column, scalar or a vector of known size, with its size: statics, a row of a series, a multi-step label. All numeric types are accepted
    /// (<see cref="NumberReader"/>).
    /// </summary>
    public static (DataViewSchema.Column Column, int Size) Numbers(DataViewSchema schema, string name, string role)
    {
        var column = Find(schema, name, role);
        var size = column.Type is VectorDataViewType vector ? vector.Size : 1;
        var item = ItemType(column.Type);
        return size > 0 && NumberReader.IsPossible(item) ? (column, size)
            : throw ColumnErrors.Mismatch(role, name, ExpectedNumbers, column.Type.ToString()!,
                NumberReader.IsPossible(item) ? null : ColumnErrors.NumberRemedy(item is KeyDataViewType, item.RawType, name));
    }

    public static void CheckNumbers(SchemaShape schema, string name, string role)
    {
        var column = Find(schema, name, role);
        var possible = !column.IsKey && NumberReader.IsPossible(column.ItemType);
        if (column.Kind == SchemaShape.Column.VectorKind.VariableVector || !possible)
            throw ColumnErrors.Mismatch(role, name, ExpectedNumbers, ColumnErrors.Describe(column),
                possible ? null : ColumnErrors.NumberRemedy(column.IsKey, column.ItemType.RawType, name));
    }
}
