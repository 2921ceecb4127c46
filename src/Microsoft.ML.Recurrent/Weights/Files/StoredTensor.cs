namespace Microsoft.ML.Recurrent.Weights.Files;

/// <summary>
/// A tensor of a weights file. Its numbers are read when they are asked for, so a file takes no more memory than the tensors that a network needs.
/// </summary>
/// <param name="name">The name in the file.</param>
/// <param name="shape">The sizes of the axes; none for a single number.</param>
/// <param name="type">The type of the numbers.</param>
/// <param name="read">Reads the numbers in the order of the shape, the last axis first to change.</param>
internal sealed class StoredTensor(string name, long[] shape, NumberType type, Func<float[]> read)
{
    public string Name { get; } = name;

    public long[] Shape { get; } = shape;

    public NumberType Type { get; } = type;

    /// <summary>The number of numbers.</summary>
    public long Length => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Whether it can be weights: floating-point numbers.</summary>
    public bool IsNumbers => !Type.IsInteger;

    /// <summary>Reads the numbers.</summary>
    /// <exception cref="InvalidDataException">They are not floating-point numbers, or the file is changed or truncated.</exception>
    public float[] Read() => read();

    /// <summary>The same tensor under another name.</summary>
    public StoredTensor Named(string other) => new(other, Shape, Type, read);

    /// <summary>The name and the shape.</summary>
    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}]";

    /// <summary>The length in numbers of a shape that a file declares, held against the bytes that the file has.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="shape">The sizes of its axes.</param>
    /// <param name="type">The type of its numbers.</param>
    /// <param name="available">The bytes that the numbers may take.</param>
    /// <exception cref="InvalidDataException">A size is negative, or the file has fewer bytes.</exception>
    public static long Check(string name, ReadOnlySpan<long> shape, NumberType type, long available)
    {
        var length = 1L;
        foreach (var size in shape)
        {
            if (size < 0) throw new InvalidDataException($"the tensor '{name}' has an axis of {size}");
            if (size > 0 && length > Math.Min(available / type.Size, Array.MaxLength) / size)
                throw new InvalidDataException(
                    $"the tensor '{name}' [{string.Join(", ", shape.ToArray())}] of {type.Name} has more numbers than the file has room for");
            length *= size;
        }
        return length * type.Size <= available ? length
            : throw new InvalidDataException($"the tensor '{name}' takes {length * type.Size} bytes, but the file has {available} for it");
    }
}
