using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Code;

namespace Microsoft.ML.Recurrent.Workbench.CodeGeneration;

/// <summary>A property of a class of rows.</summary>
/// <param name="Column">The column.</param>
/// <param name="Name">The property.</param>
/// <param name="Type">The type of the column.</param>
/// <param name="Index">The place of the column in a text file, from 0; null where the rows come from elsewhere.</param>
internal sealed record RowProperty(string Column, string Name, DataViewType Type, int? Index = null)
{
    private DataViewType ItemType => Type is VectorDataViewType vector ? vector.ItemType : Type;

    /// <summary>The name of the C# type.</summary>
    public string TypeName => ItemTypeName + (Type is VectorDataViewType ? "[]" : "");

    private string ItemTypeName => ItemType switch
    {
        TextDataViewType => "string",
        { RawType: var raw } when raw == typeof(float) => "float",
        { RawType: var raw } when raw == typeof(double) => "double",
        { RawType: var raw } when raw == typeof(bool) => "bool",
        { RawType: var raw } when raw == typeof(sbyte) => "sbyte",
        { RawType: var raw } when raw == typeof(byte) => "byte",
        { RawType: var raw } when raw == typeof(short) => "short",
        { RawType: var raw } when raw == typeof(ushort) => "ushort",
        { RawType: var raw } when raw == typeof(int) => "int",
        { RawType: var raw } when raw == typeof(uint) => "uint",
        { RawType: var raw } when raw == typeof(long) => "long",
        { RawType: var raw } when raw == typeof(ulong) => "ulong",
        { RawType: var raw } => raw.Name,
    };

    /// <summary>The declaration of the property with its attributes.</summary>
    /// <param name="isInput">Whether the sizes of vectors matter: a model refuses others, but takes any in its answers.</param>
    public string Declare(bool isInput)
    {
        var lines = new List<string>();
        if (Index is { } index) lines.Add($"[LoadColumn({Literals.Number((IFormattable)index)})]");
        lines.Add($"[ColumnName({Literals.Text(Column)})]");
        if (isInput && Type is VectorDataViewType { Dimensions: var sizes } && (sizes.Length > 1 || sizes[0] > 0))
            lines.Add($"[VectorType({string.Join(", ", sizes.Select(static size => Literals.Number((IFormattable)size)))})]");
        if (isInput && ItemType is KeyDataViewType key) lines.Add($"[KeyType({Literals.Number((IFormattable)key.Count)})]");
        lines.Add($"public {TypeName} {Name} {{ get; set; }}{(Type is VectorDataViewType ? " = [];" : Type is TextDataViewType ? " = \"\";" : "")}");
        return string.Join('\n', lines);
    }

    /// <summary>The code of a value of the property.</summary>
    public string Value(object value) => value switch
    {
        string text => Literals.Text(text),
        float number => Literals.Number(number),
        double number => Literals.Number(number),
        bool flag => Literals.Boolean(flag),
        DateTime time => Literals.Time(time),
        Array items => $"[{string.Join(", ", items.Cast<object>().Select(Value))}]",
        IFormattable number => Literals.Number(number),
        _ => throw new ArgumentException($"The column '{Column}' holds {value.GetType()}, for which there is no code.", nameof(value)),
    };
}
