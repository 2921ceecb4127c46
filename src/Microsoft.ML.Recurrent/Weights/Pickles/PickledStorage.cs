using Microsoft.ML.Recurrent.Weights.Files;

namespace Microsoft.ML.Recurrent.Weights.Pickles;

/// <summary>The numbers that tensors of a pickle refer to, which stand apart from it.</summary>
/// <param name="Key">The key of the storage.</param>
/// <param name="Type">The type of the numbers.</param>
/// <param name="Count">The number of numbers.</param>
internal sealed record PickledStorage(string Key, NumberType Type, long Count);

/// <summary>A tensor of a pickle: a view of a storage.</summary>
/// <param name="Storage">The storage.</param>
/// <param name="Offset">The first number.</param>
/// <param name="Shape">The sizes of the axes.</param>
/// <param name="Strides">For each axis, the numbers from one index to the next.</param>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>The tensor under a name, whose numbers come from the bytes of its storage.</summary>
    /// <exception cref="InvalidDataException">The tensor reaches beyond its storage.</exception>
    public StoredTensor Named(string name, Func<PickledStorage, byte[]> read)
    {
        if (Shape.Length != Strides.Length || Offset < 0 || Shape.Any(size => size < 0) || Strides.Any(stride => stride < 0)) throw Outside(name);
        Int128 last = Offset, count = 1;
        for (var axis = 0; axis < Shape.Length; axis++)
        {
            last += (Int128)Math.Max(0, Shape[axis] - 1) * Strides[axis];
            count *= Shape[axis];
            if (count > Array.MaxLength || last > long.MaxValue) throw Outside(name);
        }
        if (count > 0 && last >= Storage.Count) throw Outside(name);
        return new(name, Shape, Storage.Type, () => Take(Storage.Type.Decode(read(Storage)), (int)count));
    }

    private float[] Take(float[] storage, int count)
    {
        var values = new float[count];
        var index = new long[Shape.Length];
        for (var i = 0; i < count; i++)
        {
            var at = Offset;
            for (var axis = 0; axis < index.Length; axis++) at += index[axis] * Strides[axis];
            values[i] = storage[at];
            for (var axis = index.Length - 1; axis >= 0 && ++index[axis] == Shape[axis]; axis--) index[axis] = 0;
        }
        return values;
    }

    private InvalidDataException Outside(string name) =>
        new($"the tensor '{name}' [{string.Join(", ", Shape)}] reaches beyond the {Storage.Count} numbers of its storage '{Storage.Key}'");
}
