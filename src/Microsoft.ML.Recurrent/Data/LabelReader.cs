using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>The kind of label of a row-wise task.</summary>
internal enum LabelRole
{
    /// <summary>No label.</summary>
    None,

    /// <summary>A Single.</summary>
    Number,

    /// <summary>A Single, or a vector of known size: the steps of a horizon, or the outputs of a regression.</summary>
    Numbers,

    /// <summary>Numbers per step: a vector as long as the sequence, or of so many numbers for each of its steps.</summary>
    StepNumbers,

    /// <summary>The label of a regression: a Single, or a vector; its type says which of the three above it is.</summary>
    AnyNumbers,

    /// <summary>A binary label (Boolean).</summary>
    Boolean,

    /// <summary>Several binary labels: a vector of Booleans, of 0 and 1, or of the keys of those that are true.</summary>
    LabelSet,

    /// <summary>The label of a binary classification: a Boolean, or several labels; its type says which.</summary>
    AnyBooleans,

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

    private const string ExpectedNumbers = "Single, Vector<Single, n> (n outputs) or Vector<Single, *> (a number per step)";

    private const string ExpectedSteps = "Vector<Single, *> or Vector<Single, *, k>, numbers for each step";

    /// <summary>The role that the type of a label gives it, where its task leaves that open.</summary>
    /// <param name="label">The column.</param>
    /// <param name="role">The role by the task.</param>
    /// <param name="perStep">Whether a vector of known size is one of numbers per step, too.</param>
    public static LabelRole RoleOf(DataViewSchema.Column label, LabelRole role, bool perStep) =>
        role is LabelRole.AnyBooleans ? label.Type is VectorDataViewType ? LabelRole.LabelSet : LabelRole.Boolean
        : role is not LabelRole.AnyNumbers ? role
        : label.Type is not VectorDataViewType vector ? LabelRole.Number
        : perStep || !vector.IsKnownSize ? LabelRole.StepNumbers : LabelRole.Numbers;

    public static DataViewSchema.Column Resolve(DataViewSchema schema, string name, LabelRole role, bool perStep = false) => role switch
    {
        LabelRole.AnyNumbers => ResolveNumbers(schema, name, perStep),
        LabelRole.AnyBooleans => ResolveBooleans(schema, name),
        LabelRole.Number => Columns.Scalar(schema, name, "label", NumberDataViewType.Single),
        LabelRole.Numbers => Columns.Numbers(schema, name, "label").Column,
        LabelRole.Boolean => Columns.Scalar(schema, name, "label", BooleanDataViewType.Instance),
        LabelRole.StepKeys => Columns.Keys(schema, name, "label"),
        _ => Columns.Key(schema, name, "label").Column,
    };

    private static DataViewSchema.Column ResolveNumbers(DataViewSchema schema, string name, bool perStep)
    {
        var column = Columns.Find(schema, name, "label");
        if (column.Type is not VectorDataViewType vector && !perStep) return Columns.Scalar(schema, name, "label", NumberDataViewType.Single);
        if (column.Type is VectorDataViewType { ItemType: NumberDataViewType { RawType: var raw } } && raw == typeof(float))
        {
            SequenceColumn.Resolve(column, "label");
            return column;
        }
        throw ColumnErrors.Mismatch("label", name, perStep ? ExpectedSteps : ExpectedNumbers, column.Type.ToString()!,
            Columns.ItemType(column.Type) is var item && item.RawType == typeof(float) ? null
                : ColumnErrors.NumberRemedy(item is KeyDataViewType, item.RawType, name));
    }

    private static DataViewSchema.Column ResolveBooleans(DataViewSchema schema, string name)
    {
        var column = Columns.Find(schema, name, "label");
        if (column.Type is not VectorDataViewType vector) return Columns.Scalar(schema, name, "label", BooleanDataViewType.Instance);
        return vector.ItemType is KeyDataViewType { Count: > 0 and < int.MaxValue } || vector.IsKnownSize && IsLabel(vector.ItemType, vector.ItemType.RawType)
            ? column
            : throw ColumnErrors.Mismatch("label", name, ExpectedLabels, column.Type.ToString()!, LabelRemedy(vector.ItemType.RawType, name));
    }

    /// <summary>Several binary labels.</summary>
    public static DataViewSchema.Column ResolveSet(DataViewSchema schema, string name) => ResolveBooleans(schema, name) is { Type: VectorDataViewType } column
        ? column
        : throw ColumnErrors.Mismatch("label", name, "several labels per row", BooleanDataViewType.Instance.ToString()!,
            "A classification by one label is evaluated by mlContext.BinaryClassification.Evaluate.");

    private static void CheckBooleans(SchemaShape schema, string name)
    {
        var column = Columns.Find(schema, name, "label");
        if (column.Kind is SchemaShape.Column.VectorKind.Scalar) Columns.CheckScalar(schema, name, "label", BooleanDataViewType.Instance);
        else if (!column.IsKey && (column.Kind is not SchemaShape.Column.VectorKind.Vector || !IsLabel(column.ItemType, column.ItemType.RawType)))
            throw ColumnErrors.Mismatch("label", name, ExpectedLabels, ColumnErrors.Describe(column), LabelRemedy(column.ItemType.RawType, name));
    }

    private static bool IsLabel(DataViewType item, Type raw) => item is BooleanDataViewType || item is NumberDataViewType && raw == typeof(float);

    private static string? LabelRemedy(Type item, string name) => item == typeof(ReadOnlyMemory<char>) ? ColumnErrors.KeyRemedy(name) : null;

    private const string ExpectedLabels =
        "Boolean, or several labels: Vector<Boolean, n>, Vector<Single, n> of 0 and 1, or a vector of the keys of those that a row has";

    private static void CheckNumbers(SchemaShape schema, string name, bool perStep)
    {
        var column = Columns.Find(schema, name, "label");
        var isVector = column.Kind is not SchemaShape.Column.VectorKind.Scalar;
        if (!isVector && !perStep) Columns.CheckScalar(schema, name, "label", NumberDataViewType.Single);
        else if (!isVector || column.IsKey || column.ItemType.RawType != typeof(float))
        {
            throw ColumnErrors.Mismatch("label", name, perStep ? ExpectedSteps : ExpectedNumbers, ColumnErrors.Describe(column),
                column.ItemType.RawType == typeof(float) ? null : ColumnErrors.NumberRemedy(column.IsKey, column.ItemType.RawType, name));
        }
    }

    public static void Check(SchemaShape schema, string name, LabelRole role, bool perStep = false)
    {
        if (role is LabelRole.AnyNumbers)
        {
            CheckNumbers(schema, name, perStep);
            return;
        }
        if (role is LabelRole.AnyBooleans)
        {
            CheckBooleans(schema, name);
            return;
        }
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

    /// <summary>The names of the numbers of a vector column; empty for none.</summary>
    public static string[] SlotNames(DataViewSchema.Column column)
    {
        if (!column.HasSlotNames()) return [];
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
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
