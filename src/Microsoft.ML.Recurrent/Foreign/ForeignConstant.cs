using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Recurrent.Onnx.Format;
using DataType = Microsoft.ML.Recurrent.Onnx.Format.TensorProto.Types.DataType;

namespace Microsoft.ML.Recurrent.Foreign;

/// <summary>A constant that feeds an input of a foreign graph: it becomes an initializer, in the element type of the input.</summary>
internal sealed class ForeignConstant
{
    private ForeignConstant(ValueInfoProto input, TensorProto tensor, int[] repeated, int? time) =>
        (Input, Tensor, Repeated, Time) = (input, tensor, repeated, time);

    /// <summary>The input.</summary>
    public ValueInfoProto Input { get; }

    /// <summary>The values, with the name of the input; of size 1 along the axes of <see cref="Repeated"/>.</summary>
    public TensorProto Tensor { get; }

    /// <summary>The axes along which the values are repeated, since the graph leaves their sizes free: once per row, or once per step.</summary>
    public int[] Repeated { get; }

    /// <summary>The axis of the steps among them; null for none.</summary>
    public int? Time { get; }

    /// <param name="input">The input of the graph.</param>
    /// <param name="value">A number, a Boolean, a text, or an array of them.</param>
    /// <param name="trace">What the graph says of the axes of the input.</param>
    /// <exception cref="ArgumentException">The value does not fit the input.</exception>
    public static ForeignConstant Create(ValueInfoProto input, object? value, AxisTrace trace)
    {
        var type = input.Type?.TensorType ?? throw Fault(input, "the input is not a tensor");
        object?[] values = value is Array array ? [.. array.Cast<object?>()] : [value];
        long[] given = value is Array sized ? [.. Enumerable.Range(0, sized.Rank).Select(axis => (long)sized.GetLength(axis))] : [];
        var (shape, repeated) = type.Shape is null ? (given, []) : Fit(input, type.Shape, given, values);
        // One value fills the shape.
        var count = shape.Aggregate(1L, (product, size) => product * size);
        if (values.Length == 1 && count > 1) values = [.. Enumerable.Repeat(values[0], checked((int)count))];
        var tensor = new TensorProto { Name = input.Name, DataType = type.ElemType };
        tensor.Dims.Add(shape);
        Write(tensor, input, values);
        var time = trace.Time ?? repeated.Where(axis => AxisReadings.IsTime(type.Shape!.Dim[axis].DimParam)).Cast<int?>().FirstOrDefault();
        return new(input, tensor, repeated, time);
    }

    /// <summary>The value of a run of so many rows and steps, for a constant that is repeated.</summary>
    public OrtValue ToValue(int rows, int steps)
    {
        long[] shape = [.. Tensor.Dims.Select((size, axis) => !Repeated.Contains(axis) ? size : axis == Time ? steps : rows)];
        if ((DataType)Tensor.DataType is DataType.String)
        {
            var texts = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
            var count = shape.Aggregate(1L, (product, size) => product * size);
            for (var i = 0; i < count; i++) texts.StringTensorSetElementAt(Tensor.StringData[Source(i, shape)].ToStringUtf8().AsSpan(), i);
            return texts;
        }
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)Tensor.DataType, shape);
        var bytes = value.GetTensorMutableRawData();
        var width = Tensor.RawData.Length / Math.Max(1, (int)Tensor.Dims.Aggregate(1L, (product, size) => product * size));
        for (var i = 0; i < bytes.Length / width; i++) Tensor.RawData.Span.Slice(Source(i, shape) * width, width).CopyTo(bytes[(i * width)..]);
        return value;
    }

    // The value at a place of the repeated tensor.
    private int Source(long place, long[] shape)
    {
        long source = 0, stride = 1;
        for (var axis = shape.Length - 1; axis >= 0; axis--)
        {
            source += place % shape[axis] % Tensor.Dims[axis] * stride;
            stride *= Tensor.Dims[axis];
            place /= shape[axis];
        }
        return (int)source;
    }

    private static (long[] Shape, int[] Repeated) Fit(ValueInfoProto input, TensorShapeProto declared, long[] given, object?[] values)
    {
        long[] sizes = [.. declared.Dim.Select(dimension => dimension.DimValue > 0 ? dimension.DimValue : 0)];
        var sameRank = given.Length == sizes.Length;
        if (sameRank && sizes.Where((size, axis) => size > 0 && given[axis] != size).Any() && values.Length > 1)
            throw Fault(input, $"the array has the sizes [{string.Join(", ", given)}], the input [{ForeignInput.Describe(input)}]");
        long[] shape = [.. sizes.Select((size, axis) => size > 0 ? size : sameRank ? given[axis] : 1)];
        var count = shape.Aggregate(1L, (product, size) => product * size);
        if (values.Length != 1 && values.Length != count)
            throw Fault(input, $"it holds {values.Length} values, the input [{ForeignInput.Describe(input)}] takes {count}, or one to fill it");
        return (shape, [.. Enumerable.Range(0, shape.Length).Where(axis => sizes[axis] == 0 && shape[axis] == 1)]);
    }

    private static void Write(TensorProto tensor, ValueInfoProto input, object?[] values)
    {
        if ((DataType)tensor.DataType is DataType.String)
        {
            foreach (var value in values)
                tensor.StringData.Add(ByteString.CopyFromUtf8(value as string ?? throw Fault(input, $"the input takes texts, not {Name(value)}")));
            return;
        }
        tensor.RawData = ByteString.CopyFrom((DataType)tensor.DataType switch
        {
            DataType.Float => Pack<float>(input, values),
            DataType.Double => Pack<double>(input, values),
            DataType.Float16 => Pack<Half>(input, values),
            DataType.Int64 => Pack<long>(input, values),
            DataType.Int32 => Pack<int>(input, values),
            DataType.Int16 => Pack<short>(input, values),
            DataType.Int8 => Pack<sbyte>(input, values),
            DataType.Uint64 => Pack<ulong>(input, values),
            DataType.Uint32 => Pack<uint>(input, values),
            DataType.Uint16 => Pack<ushort>(input, values),
            DataType.Uint8 or DataType.Bool => Pack<byte>(input, values),
            var type => throw Fault(input, $"the element type {type} of the input is not supported"),
        });
    }

    private static byte[] Pack<T>(ValueInfoProto input, object?[] values) where T : unmanaged, INumberBase<T>
    {
        T[] numbers = [.. values.Select(value => Convert<T>(input, value))];
        return MemoryMarshal.AsBytes<T>(numbers).ToArray();
    }

    private static T Convert<T>(ValueInfoProto input, object? value) where T : unmanaged, INumberBase<T>
    {
        try
        {
            return value switch
            {
                bool flag => flag ? T.One : T.Zero,
                float number => Whole(number),
                double number => Whole(number),
                Half number => Whole((double)number),
                ulong number => T.CreateChecked(number),
                sbyte or byte or short or ushort or int or uint or long =>
                    T.CreateChecked(System.Convert.ToInt64(value, CultureInfo.InvariantCulture)),
                _ => throw Fault(input, $"the input takes numbers of type {(DataType)input.Type.TensorType.ElemType}, not {Name(value)}"),
            };
        }
        catch (OverflowException)
        {
            throw Fault(input, $"{value} is outside the range of its type {(DataType)input.Type.TensorType.ElemType}");
        }

        // An integer input takes no fraction.
        T Whole(double number) => T.CreateChecked(number) is var result && (!T.IsInteger(result) || double.IsInteger(number)) ? result
            : throw Fault(input, string.Create(CultureInfo.InvariantCulture, $"{number} is no whole number, which the input takes"));
    }

    private static string Name(object? value) => value is null ? "null" : $"a {value.GetType().Name}";

    private static ArgumentException Fault(ValueInfoProto input, string fault) =>
        new($"The constant for the model's input '{input.Name}' does not fit: {fault}.", "constants");
}
