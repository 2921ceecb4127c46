using System.Buffers.Binary;

namespace Microsoft.ML.Recurrent.Weights.Files;

/// <summary>The type of the numbers of a stored tensor.</summary>
/// <param name="Name">As safetensors writes it.</param>
/// <param name="Size">Bytes of a number.</param>
/// <param name="IsInteger">Whether the numbers are whole: counters and random states, never weights.</param>
internal sealed record NumberType(string Name, int Size, bool IsInteger = true)
{
    public static readonly NumberType Float64 = new("F64", 8, false), Float32 = new("F32", 4, false), Float16 = new("F16", 2, false),
        BFloat16 = new("BF16", 2, false), Int64 = new("I64", 8), Int32 = new("I32", 4), Int16 = new("I16", 2), Int8 = new("I8", 1), UInt64 = new("U64", 8),
        UInt32 = new("U32", 4), UInt16 = new("U16", 2), UInt8 = new("U8", 1), Boolean = new("BOOL", 1);

    /// <summary>All types.</summary>
    public static readonly NumberType[] All =
        [Float64, Float32, Float16, BFloat16, Int64, Int32, Int16, Int8, UInt64, UInt32, UInt16, UInt8, Boolean];

    /// <summary>The values of little-endian numbers; those of 64 bits are rounded.</summary>
    /// <exception cref="InvalidDataException">The numbers are whole.</exception>
    public float[] Decode(ReadOnlySpan<byte> bytes)
    {
        if (IsInteger) throw new InvalidDataException($"its numbers are {Name}, not floating-point numbers");
        var values = new float[bytes.Length / Size];
        for (var i = 0; i < values.Length; i++)
        {
            var number = bytes.Slice(i * Size, Size);
            values[i] = Size == 8 ? (float)BinaryPrimitives.ReadDoubleLittleEndian(number)
                : Size == 4 ? BinaryPrimitives.ReadSingleLittleEndian(number)
                : this == BFloat16 ? BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(number) << 16)
                : (float)BinaryPrimitives.ReadHalfLittleEndian(number);
        }
        return values;
    }
}
