using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Arrays that never move.</summary>
internal static class Pinned
{
    /// <summary>An array of at least the size asked for with the old one's contents; the first is of just that size, later ones a power of two.</summary>
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
