using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Pinned arrays.</summary>
internal static class Pinned
{
    /// <summary>
    /// Returns an array of at least the given size with the contents of the old one; the first has exactly that size, later ones a power of two.
    /// </summary>
    public static T[] Grow<T>(T[] old, int size) where T : unmanaged
    {
        if (old.Length > 0) size = (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)size), (uint)Array.MaxLength);
        var grown = GC.AllocateUninitializedArray<T>(size, pinned: true);
        old.CopyTo(grown, 0);
        return grown;
    }

    /// <summary>The address of an element.</summary>
    public static unsafe nint Address(Array array, long index, int elementSize) =>
        (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array)) + (nint)(index * elementSize);
}
