using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Recurrent.Tensors;

/// <summary>
/// A pool of native, 64-byte aligned buffers in size classes (four per power of two). Renting and returning are thread-safe and allocate no managed memory once
/// the pool is warm. <see cref="Guard"/> bytes after each buffer belong to it: a kernel may read (never write) a whole vector at the end.
/// </summary>
internal sealed unsafe class BufferPool
{
    /// <summary>The alignment of every buffer, in bytes: one cache line, one AVX-512 vector.</summary>
    public const int Alignment = 64;

    /// <summary>The readable bytes after every buffer.</summary>
    public const int Guard = 64;

    private const int SmallestBits = 8;
    private const int Classes = (48 - SmallestBits) * 4;

    private readonly Lock _lock = new();
    private readonly Stack<nint>[] _free = new Stack<nint>[Classes];

    /// <summary>The pool shared by tensors and kernels.</summary>
    public static BufferPool Shared { get; } = new();

    /// <summary>The bytes allocated from the system: rented and free.</summary>
    public long BytesHeld { get; private set; }

    /// <summary>The bytes currently rented.</summary>
    public long BytesRented { get; private set; }

    /// <summary>The largest <see cref="BytesRented"/> since the pool was created or this was set.</summary>
    public long PeakBytesRented { get; set; }

    /// <summary>Rents a buffer of at least <paramref name="bytes"/> bytes; its content is undefined.</summary>
    /// <exception cref="OutOfMemoryException">The system is out of memory.</exception>
    public void* Rent(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var sizeClass = ClassOf(bytes);
        var size = SizeOf(sizeClass);
        lock (_lock)
        {
            BytesRented += size;
            PeakBytesRented = Math.Max(PeakBytesRented, BytesRented);
            if (_free[sizeClass] is { Count: > 0 } free)
                return (void*)free.Pop();
            BytesHeld += size;
        }
        return Allocate(size);
    }

    /// <summary>Rents a buffer of <paramref name="count"/> floats; its content is undefined.</summary>
    public float* RentFloats(long count) => (float*)Rent(count * sizeof(float));

    /// <summary>Returns a buffer rented with the same size.</summary>
    public void Return(void* buffer, long bytes)
    {
        if (buffer == null)
            return;
        var sizeClass = ClassOf(bytes);
        lock (_lock)
        {
            BytesRented -= SizeOf(sizeClass);
            (_free[sizeClass] ??= new Stack<nint>(16)).Push((nint)buffer);
        }
    }

    /// <summary>Returns a buffer of floats rented with the same count.</summary>
    public void ReturnFloats(float* buffer, long count) => Return(buffer, count * sizeof(float));

    private static void* Allocate(long size)
    {
        var buffer = NativeMemory.AlignedAlloc((nuint)(size + Guard), Alignment);
        new Span<byte>((byte*)buffer + size, Guard).Clear();
        return buffer;
    }

    // Classes 4k, 4k+1, 4k+2, 4k+3 hold 1, 1.25, 1.5 and 1.75 times 2^(8+k) bytes, so at most a fifth of a buffer is unused.
    internal static int ClassOf(long bytes)
    {
        if (bytes <= 1L << SmallestBits)
            return 0;
        var bits = BitOperations.Log2((ulong)(bytes - 1));
        var quarter = (int)((bytes - 1) >> (bits - 2)) & 3;
        return ((bits - SmallestBits) * 4) + quarter + 1;
    }

    internal static long SizeOf(int sizeClass) => (4L + (sizeClass & 3)) << (SmallestBits - 2 + (sizeClass >> 2));
}
