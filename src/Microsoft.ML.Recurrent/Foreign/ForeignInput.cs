using System.Globalization;
using Microsoft.ML.Recurrent.Onnx.Format;
using DataType = Microsoft.ML.Recurrent.Onnx.Format.TensorProto.Types.DataType;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>How a column feeds an input of a foreign graph: the reading of its axes, and the column as the scorer sees it.</summary>
internal sealed class ForeignInput
{
    /// <param name="value">The input of the graph.</param>
    /// <param name="reading">Its axes.</param>
    /// <param name="name">The name of the column.</param>
    public ForeignInput(ValueInfoProto value, AxisReading reading, string name)
    {
        (Value, Reading) = (value, reading);
        var features = checked((int)reading.RowSizes.Aggregate(1L, (product, size) => size == 0 ? product : product * size));
        var isTokens = reading.Varies && reading.Order.Length == 1;
        var kind = !IsText && !IsInteger ? reading.Varies ? InputKind.Sequence : InputKind.Static
            : IsText ? InputKind.Text
            : !reading.Varies ? InputKind.Integers
            : isTokens ? InputKind.Tokens : InputKind.IntegerSteps;
        var before = reading.Varies
            ? reading.Order.TakeWhile(axis => axis != reading.Time).Aggregate(1L, (product, axis) => product * reading.Sizes[axis])
            : 1;
        Column = new(name, kind, null, features)
        {
            IsDouble = Type is DataType.Double,
            FeaturesBeforeTime = before > 1 ? (int)before : 0,
        };
    }

    private ForeignInput(ForeignInput other, InputColumn column) => (Value, Reading, Column) = (other.Value, other.Reading, column);

    public ValueInfoProto Value { get; }

    public AxisReading Reading { get; }

    public InputColumn Column { get; }

    public DataType Type => (DataType)Value.Type.TensorType.ElemType;

    public bool IsText => Type is DataType.String;

    public bool IsInteger => IsIntegerType(Type);

    /// <summary>Whether the graph takes rows of one axis whose size it leaves open, and the column fixes.</summary>
    public bool IsOpenVector => Reading is { Batch: >= 0, Varies: false, Order: [var axis] } && Value.Type.TensorType.Shape.Dim[axis].DimValue <= 0;

    /// <summary>The fixed number of steps; null if it varies, or if there is no axis of steps.</summary>
    public int? Steps => Reading.Time >= 0 && Reading.Sizes[Reading.Time] > 0 ? checked((int)Reading.Sizes[Reading.Time]) : null;

    public static bool IsIntegerType(DataType type) => type is DataType.Int64 or DataType.Int32 or DataType.Int16 or DataType.Int8 or DataType.Uint8
        or DataType.Uint16 or DataType.Uint32 or DataType.Uint64 or DataType.Bool;

    public static bool IsSupported(DataType type) =>
        IsIntegerType(type) || type is DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16 or DataType.String;

    /// <summary>This input as the sequence lengths.</summary>
    /// <param name="readsColumn">Whether the column feeds it, instead of the lengths of the sequences.</param>
    /// <param name="steps">The fixed number of steps of the sequences; null if it varies.</param>
    public ForeignInput AsLength(bool readsColumn, int? steps) => Column is { Kind: InputKind.Integers, Features: 1 }
        ? new(this, Column with { IsLength = true, Time = steps, ReadsColumn = readsColumn })
        : throw new ArgumentException($"The model's input '{Value.Name}' cannot take sequence lengths: it is not one integer per row.", "lengthColumnName");

    /// <summary>This input with one value for all rows of a run.</summary>
    public ForeignInput AsShared() => new(this, Column with { IsShared = true });

    /// <summary>The shape of an input in words: the names of its axes, or their sizes, or *.</summary>
    public static string Describe(ValueInfoProto value) =>
        value.Type?.TensorType?.Shape is not { } shape ? "?" : string.Join(", ", shape.Dim.Select(dimension =>
        dimension.DimParam is { Length: > 0 } symbol ? symbol : dimension.DimValue > 0 ? dimension.DimValue.ToString(CultureInfo.InvariantCulture) : "*"));
}
