using Microsoft.ML.Recurrent.Onnx.Format;
using DataType = Microsoft.ML.Recurrent.Onnx.Format.TensorProto.Types.DataType;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>How a column feeds an input of a foreign graph: the batch axis and the time axis of the input.</summary>
internal sealed class ForeignInput
{
    private ForeignInput(ValueInfoProto value, InputColumn column, int batchAxis, long[] rest, int? fixedBatch) =>
        (Value, Column, BatchAxis, Rest, FixedBatch) = (value, column, batchAxis, rest, fixedBatch);

    public ValueInfoProto Value { get; }

    public InputColumn Column { get; }

    public int BatchAxis { get; }

    /// <summary>The sizes of the input without the batch axis; the first is 0 if it is a varying time axis.</summary>
    public long[] Rest { get; }

    public int? FixedBatch { get; }

    public DataType Type => (DataType)Value.Type.TensorType.ElemType;

    public bool IsInteger =>
        Type is DataType.Int64 or DataType.Int32 or DataType.Int16 or DataType.Int8 or DataType.Uint8 or DataType.Uint16 or DataType.Uint32 or DataType.Bool;

    public bool IsFloat => Type is DataType.Float or DataType.Double or DataType.Float16;

    /// <summary>This input as the sequence lengths.</summary>
    public ForeignInput AsLength() => Column is { Kind: InputKind.Integers, Features: 1 }
        ? new(Value, Column with { IsLength = true }, BatchAxis, Rest, FixedBatch)
        : throw new ArgumentException($"The model's input '{Value.Name}' cannot take sequence lengths: it is not one integer per row.");

    /// <summary>The sizes of the input, including the batch axis.</summary>
    public long[] Shape(int batch, int time)
    {
        List<long> shape = [.. Rest];
        if (Column.IsSequence) shape[0] = time;
        shape.Insert(BatchAxis, batch);
        return [.. shape];
    }

    /// <param name="value">The input of the graph.</param>
    /// <param name="column">The name of the column.</param>
    /// <param name="sizes">The column's sizes: none for a scalar, 0 for one that varies.</param>
    /// <exception cref="ArgumentException">The column does not match the input.</exception>
    public static ForeignInput Resolve(ValueInfoProto value, string column, int[] sizes)
    {
        var type = value.Type?.TensorType
            ?? throw new ArgumentException($"The input '{value.Name}' of the model is not a tensor, so the column '{column}' cannot feed it.");
        if (type.Shape is null)
            throw new ArgumentException($"The model does not declare the shape of its input '{value.Name}', so the column '{column}' cannot feed it.");
        long[] dimensions = [.. type.Shape.Dim.Select(dimension => dimension.DimValue > 0 ? dimension.DimValue : 0)];
        var varies = sizes.Contains(0);
        var size = sizes.Where(one => one > 0).Aggregate(1L, (product, one) => product * one);
        foreach (var axis in Candidates(type.Shape, dimensions))
        {
            long[] rest = [.. dimensions.Where((_, i) => i != axis)];
            var open = rest.Count(one => one == 0);
            var known = rest.Where(one => one > 0).Aggregate(1L, (product, one) => product * one);
            int? batch = dimensions[axis] > 0 ? checked((int)dimensions[axis]) : null;
            ForeignInput With(InputKind kind, int? time, long features) => new(value, new(column, kind, time, checked((int)features)), axis, rest, batch);
            if (open == 0 && !varies && size == known)
            {
                var result = With(InputKind.Static, null, known);
                return result.IsInteger ? With(InputKind.Integers, null, known) : Checked(result);
            }
            if (open != 1 || rest[0] != 0) continue;
            // The time axis follows the batch axis.
            if (varies && (sizes.Length == 1 || size == known))
            {
                var result = With(InputKind.Sequence, null, known);
                if (!result.IsInteger) return Checked(result);
                if (known == 1) return With(InputKind.Tokens, null, 1);
            }
            if (!varies && size % known == 0)
            {
                rest[0] = size / known;
                var result = With(InputKind.Static, null, size);
                return result.IsInteger ? With(InputKind.Integers, null, size) : Checked(result);
            }
        }
        var shape = string.Join(", ", type.Shape.Dim.Select(dimension => dimension.DimParam is { Length: > 0 } symbol ? symbol : dimension.DimValue > 0
            ? dimension.DimValue.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : "*"));
        var found = sizes.Length == 0
            ? "a single number"
            : $"a vector of [{string.Join(", ", sizes.Select(one => one == 0 ? "*" : one.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]";
        throw new ArgumentException($"The column '{column}' holds {found} per row, which does not match the model's input '{value.Name}' of shape [{shape}].");
    }

    private static ForeignInput Checked(ForeignInput input) => input.IsFloat ? input
        : throw new ArgumentException($"The model's input '{input.Value.Name}' has the element type {input.Type}; only numbers and booleans are supported.");

    // The batch axis: by name, else the first dynamic axis, else the first axis.
    private static IEnumerable<int> Candidates(TensorShapeProto shape, long[] dimensions) => Enumerable.Range(0, dimensions.Length)
        .OrderByDescending(i => shape.Dim[i].DimParam.Contains("batch", StringComparison.OrdinalIgnoreCase)
            || shape.Dim[i].DimParam is "N" or "B" or "n" or "b")
        .ThenByDescending(i => dimensions[i] == 0 && !shape.Dim[i].DimParam.Contains("time", StringComparison.OrdinalIgnoreCase)
            && !shape.Dim[i].DimParam.Contains("seq", StringComparison.OrdinalIgnoreCase))
        .ThenBy(i => i);
}
