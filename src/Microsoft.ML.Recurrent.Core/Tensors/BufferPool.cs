using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Recurrent.Tensors;

/// <summary>
/// A pool of native, 64-byte aligned buffers in size classes (four per power of two). Renting and returning are thread-safe and allocate no managed memory once
/// the pool is warm. A large buffer may be up to four times as large as asked: a last batch of fewer rows then needs no buffers of its own beside those of the
/// others, which stay in the pool. <see cref="Guard"/> bytes after each buffer belong to it: a kernel may read (never write) a whole vector at the end.
/// </summary>
internal sealed unsafe class BufferPool
{
    /// <summary>The alignment of every buffer, in bytes: one cache line, one AVX-512 vector.</summary>
    public const int Alignment = 64;

    /// <summary>The readable bytes after every buffer.</summary>
    public const int Guard = 64;

    private const int SmallestBits = 8;
    private const int Classes = (48 - SmallestBits) * 4;

    // Larger buffers are taken from up to so many classes above.
    private const long Large = 1 << 16;
    private const int ClassesAbove = 8;

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
        var (sizeClass, last) = (ClassOf(bytes), ClassOf(bytes) + (bytes > Large ? ClassesAbove : 0));
        lock (_lock)
        {
            for (var from = sizeClass; from <= last && from < Classes; from++)
            {
                if (_free[from] is not { Count: > 0 } free) continue;
                AddRented(SizeOf(from));
                return (void*)free.Pop();
            }
            AddRented(SizeOf(sizeClass));
            BytesHeld += SizeOf(sizeClass);
        }
        return Allocate(sizeClass);
    }

    /// <summary>Rents a buffer of <paramref name="count"/> floats; its content is undefined.</summary>
    public float* RentFloats(long count) => (float*)Rent(count * sizeof(float));

    /// <summary>Returns a buffer rented with the same size.</summary>
    public void Return(void* buffer, long bytes)
    {
        if (buffer == null)
            return;
        // At least that of the bytes.
        var sizeClass = *((int*)buffer - Alignment / sizeof(int));
        lock (_lock)
        {
            BytesRented -= SizeOf(sizeClass);
            (_free[sizeClass] ??= new Stack<nint>(16)).Push((nint)buffer);
        }
    }

    /// <summary>Returns a buffer of floats rented with the same count.</summary>
    public void ReturnFloats(float* buffer, long count) => Return(buffer, count * sizeof(float));

    /// <summary>Gives all free buffers back to the system.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            for (var sizeClass = 0; sizeClass < Classes; sizeClass++)
            {
                for (; _free[sizeClass] is { Count: > 0 } free; BytesHeld -= SizeOf(sizeClass)) NativeMemory.AlignedFree((byte*)free.Pop() - Alignment);
            }
        }
    }

    private void AddRented(long size)
    {
        BytesRented += size;
        PeakBytesRented = Math.Max(PeakBytesRented, BytesRented);
    }

    // A line before each buffer holds its class.
    private static void* Allocate(int sizeClass)
    {
        var size = SizeOf(sizeClass);
        var buffer = (byte*)NativeMemory.AlignedAlloc((nuint)(Alignment + size + Guard), Alignment) + Alignment;
        *((int*)buffer - Alignment / sizeof(int)) = sizeClass;
        new Span<byte>(buffer + size, Guard).Clear();
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
