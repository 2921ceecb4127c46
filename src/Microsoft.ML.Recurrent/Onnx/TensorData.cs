using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.Recurrent.Onnx.Format;
using DataType = Microsoft.ML.Recurrent.Onnx.Format.TensorProto.Types.DataType;

namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>The values of a tensor of an ONNX file: floating-point types as float, integers and booleans as long.</summary>
internal sealed class TensorData
{
    private TensorData(long[] shape, float[]? floats, long[]? integers) => (Shape, FloatValues, IntegerValues) = (shape, floats, integers);

    public long[] Shape { get; }

    /// <summary>The values of a floating-point tensor, else null.</summary>
    public float[]? FloatValues { get; }

    /// <summary>The values of an integer or boolean tensor, else null.</summary>
    public long[]? IntegerValues { get; }

    public int Rank => Shape.Length;

    public int Length => FloatValues?.Length ?? IntegerValues!.Length;

    public static TensorData Create(long[] shape, float[] values) => new(shape, values, null);

    public static TensorData Create(long[] shape, long[] values) => new(shape, null, values);

    /// <summary>Reads a tensor with data in the file itself.</summary>
    /// <exception cref="InvalidDataException">The data does not fit the shape.</exception>
    /// <exception cref="NotSupportedException">The element type is not supported.</exception>
    public static TensorData Read(TensorProto tensor)
    {
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
            throw new InvalidDataException($"The data of the tensor '{tensor.Name}' is in another file that was not read.");
        long[] shape = [.. tensor.Dims];
        var result = (DataType)tensor.DataType switch
        {
            DataType.Float => Create(shape, Raw<float>(tensor) ?? [.. tensor.FloatData]),
            DataType.Double => Create(shape, Array.ConvertAll(Raw<double>(tensor) ?? [.. tensor.DoubleData], value => (float)value)),
            DataType.Float16 =>
                Create(shape, Array.ConvertAll(Raw<Half>(tensor) ?? [.. tensor.Int32Data.Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits))],
                    value => (float)value)),
            DataType.Bfloat16 => Create(shape, Array.ConvertAll(Raw<ushort>(tensor) ?? [.. tensor.Int32Data.Select(bits => (ushort)bits)],
                bits => BitConverter.UInt32BitsToSingle((uint)bits << 16))),
            DataType.Int64 => Create(shape, Raw<long>(tensor) ?? [.. tensor.Int64Data]),
            DataType.Int32 => Integers<int>(),
            DataType.Int16 => Integers<short>(),
            DataType.Int8 => Integers<sbyte>(),
            DataType.Uint16 => Integers<ushort>(),
            DataType.Uint8 or DataType.Bool => Integers<byte>(),
            DataType.Uint32 => Create(shape, Array.ConvertAll(Raw<uint>(tensor) ?? [.. tensor.Uint64Data.Select(value => (uint)value)], value => (long)value)),
            var type => throw new NotSupportedException($"The tensor '{tensor.Name}' has the element type {type}, which is not supported."),
        };
        var length = shape.Aggregate(1L, (product, dimension) => product * dimension);
        return result.Length == length ? result : throw new InvalidDataException(
            $"The tensor '{tensor.Name}' of shape [{string.Join(", ", shape)}] holds {result.Length} numbers instead of {length}.");

        TensorData Integers<T>() where T : unmanaged, IConvertible =>
            Create(shape, Raw<T>(tensor) is { } raw ? Array.ConvertAll(raw, value => value.ToInt64(null)) : [.. tensor.Int32Data.Select(value => (long)value)]);
    }

    /// <summary>Creates an ONNX tensor of 32-bit floats or 64-bit integers.</summary>
    public TensorProto ToProto(string name)
    {
        var proto = new TensorProto
        {
            Name = name,
            DataType = (int)(FloatValues is null ? DataType.Int64 : DataType.Float),
            RawData = ByteString.CopyFrom(FloatValues is null ? MemoryMarshal.AsBytes<long>(IntegerValues) : MemoryMarshal.AsBytes<float>(FloatValues)),
        };
        proto.Dims.Add(Shape);
        return proto;
    }

    private static T[]? Raw<T>(TensorProto tensor) where T : unmanaged
    {
        if (tensor.RawData.IsEmpty) return null;
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("ONNX files can be read on little-endian machines only.");
        if (tensor.RawData.Length % Marshal.SizeOf<T>() != 0) throw new InvalidDataException($"The data of the tensor '{tensor.Name}' ends inside a number.");
        return MemoryMarshal.Cast<byte, T>(tensor.RawData.Span).ToArray();
    }
}
