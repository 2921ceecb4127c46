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
    private long _bytesHeld, _bytesRented, _peakBytesRented;

    /// <summary>The pool shared by tensors and kernels.</summary>
    public static BufferPool Shared { get; } = new();

    /// <summary>The bytes allocated from the system: rented and free.</summary>
    public long BytesHeld => Volatile.Read(ref _bytesHeld);

    /// <summary>The bytes currently rented.</summary>
    public long BytesRented => Volatile.Read(ref _bytesRented);

    /// <summary>The largest <see cref="BytesRented"/> since the pool was created or <see cref="ResetPeak"/> was called.</summary>
    public long PeakBytesRented => Volatile.Read(ref _peakBytesRented);

    /// <summary>Rents a buffer of at least <paramref name="bytes"/> bytes; its content is undefined.</summary>
    /// <exception cref="OutOfMemoryException">The system is out of memory.</exception>
    public void* Rent(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        int sizeClass = ClassOf(bytes);
        long size = SizeOf(sizeClass);
        lock (_lock)
        {
            _bytesRented += size;
            _peakBytesRented = Math.Max(_peakBytesRented, _bytesRented);
            if (_free[sizeClass] is { Count: > 0 } free)
                return (void*)free.Pop();
            _bytesHeld += size;
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
        int sizeClass = ClassOf(bytes);
        lock (_lock)
        {
            _bytesRented -= SizeOf(sizeClass);
            (_free[sizeClass] ??= new Stack<nint>(16)).Push((nint)buffer);
        }
    }

    /// <summary>Returns a buffer of floats rented with the same count.</summary>
    public void ReturnFloats(float* buffer, long count) => Return(buffer, count * sizeof(float));

    /// <summary>Preallocates <paramref name="count"/> buffers of this size.</summary>
    public void Plan(long bytes, int count)
    {
        int sizeClass = ClassOf(bytes);
        lock (_lock)
        {
            Stack<nint> free = _free[sizeClass] ??= new Stack<nint>(Math.Max(16, count));
            while (free.Count < count)
            {
                free.Push((nint)Allocate(SizeOf(sizeClass)));
                _bytesHeld += SizeOf(sizeClass);
            }
        }
    }

    /// <summary>Frees all buffers that are not rented.</summary>
    public void Trim()
    {
        lock (_lock)
            for (int sizeClass = 0; sizeClass < Classes; sizeClass++)
                while (_free[sizeClass] is { Count: > 0 } free)
                {
                    NativeMemory.AlignedFree((void*)free.Pop());
                    _bytesHeld -= SizeOf(sizeClass);
                }
    }

    /// <summary>Resets <see cref="PeakBytesRented"/> to the bytes rented now.</summary>
    public void ResetPeak()
    {
        lock (_lock)
            _peakBytesRented = _bytesRented;
    }

    /// <summary>The bytes occupied by a buffer of at least <paramref name="bytes"/> bytes.</summary>
    internal static long RoundedSize(long bytes) => SizeOf(ClassOf(bytes));

    private static void* Allocate(long size)
    {
        void* buffer = NativeMemory.AlignedAlloc((nuint)(size + Guard), Alignment);
        new Span<byte>((byte*)buffer + size, Guard).Clear();
        return buffer;
    }

    // Classes 4k, 4k+1, 4k+2, 4k+3 hold 1, 1.25, 1.5 and 1.75 times 2^(8+k) bytes, so at most a fifth of a buffer is unused.
    private static int ClassOf(long bytes)
    {
        if (bytes <= 1L << SmallestBits)
            return 0;
        int bits = BitOperations.Log2((ulong)(bytes - 1));
        int quarter = (int)((bytes - 1) >> (bits - 2)) & 3;
        return ((bits - SmallestBits) * 4) + quarter + 1;
    }

    private static long SizeOf(int sizeClass) => (4L + (sizeClass & 3)) << (SmallestBits - 2 + (sizeClass >> 2));
}
