using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>The kind of label of a row-wise task.</summary>
internal enum LabelRole
{
    /// <summary>A Single.</summary>
    Number,

    /// <summary>A Single, or a vector of known size: the steps of a horizon.</summary>
    Numbers,

    /// <summary>A binary label (Boolean).</summary>
    Boolean,

    /// <summary>A multiclass label (a key).</summary>
    Key,

    /// <summary>A class per step (a vector of keys).</summary>
    StepKeys,
}

/// <summary>Checks and reads label columns.</summary>
internal static class LabelReader
{
    // ML.NET's name.
    private const string KeyValuesAnnotation = "KeyValues";

    public static DataViewSchema.Column Resolve(DataViewSchema schema, string name, LabelRole role) => role switch
    {
        LabelRole.Number => Columns.Scalar(schema, name, "label", NumberDataViewType.Single),
        LabelRole.Numbers => Columns.Numbers(schema, name, "label").Column,
        LabelRole.Boolean => Columns.Scalar(schema, name, "label", BooleanDataViewType.Instance),
        LabelRole.StepKeys => Columns.Keys(schema, name, "label"),
        _ => Columns.Key(schema, name, "label").Column,
    };

    public static void Check(SchemaShape schema, string name, LabelRole role)
    {
        if (role is LabelRole.Key) Columns.CheckKey(schema, name, "label");
        else if (role is LabelRole.StepKeys) Columns.CheckKeys(schema, name, "label");
        else if (role is LabelRole.Numbers) Columns.CheckNumbers(schema, name, "label");
        else Columns.CheckScalar(schema, name, "label", role is LabelRole.Number ? NumberDataViewType.Single : BooleanDataViewType.Instance);
    }

    /// <summary>Opens a class label: each call returns the class of the current row from 0; a missing key is an error.</summary>
    public static Func<int> OpenClass(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is BooleanDataViewType)
        {
            var getter = row.GetGetter<bool>(column);
            var value = false;
            return () =>
            {
                getter(ref value);
                return value ? 1 : 0;
            };
        }
        return SeriesReader.Keys(row, column, key => key > 0 ? (int)key - 1 : throw ColumnErrors.Value("label", column.Name, row.Position,
            "holds a missing key: its value is not in the key mapping; filter the row."));
    }

    /// <summary>The key values of a label column; null for none.</summary>
    public static LabelManifest? KeyValues(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(KeyValuesAnnotation) is not { Type: VectorDataViewType type }) return null;
        var item = type.ItemType.RawType;
        return item == typeof(ReadOnlyMemory<char>) ? Values<ReadOnlyMemory<char>>(LabelKind.Text, static v => v.ToString())
            : item == typeof(float) ? Values<float>(LabelKind.Single) : item == typeof(double) ? Values<double>(LabelKind.Double)
            : item == typeof(bool) ? Values<bool>(LabelKind.Boolean, static v => v ? "True" : "False")
            : item == typeof(byte) ? Values<byte>(LabelKind.Byte) : item == typeof(ushort) ? Values<ushort>(LabelKind.UInt16)
            : item == typeof(uint) ? Values<uint>(LabelKind.UInt32) : item == typeof(ulong) ? Values<ulong>(LabelKind.UInt64)
            : item == typeof(int) ? Values<int>(LabelKind.Int32) : item == typeof(long) ? Values<long>(LabelKind.Int64)
            : null;

        LabelManifest Values<T>(LabelKind kind, Func<T, string>? text = null)
        {
            VBuffer<T> values = default;
            column.Annotations.GetValue(KeyValuesAnnotation, ref values);
            return new(kind, [.. values.DenseValues().Select(value => text?.Invoke(value) ?? Convert.ToString(value, CultureInfo.InvariantCulture)!)]);
        }
    }
}
