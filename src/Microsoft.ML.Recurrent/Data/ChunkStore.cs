namespace Microsoft.ML.Recurrent.Data;

/// <summary>A growing store of numbers in chunks: each appended block is contiguous, and growing copies nothing.</summary>
internal sealed class ChunkStore<T>
    where T : unmanaged
{
    private const int ChunkLength = 1 << 20;

    private readonly List<T[]> _chunks = [];
    private int _used = ChunkLength;

    /// <summary>Stores a copy; the result locates it.</summary>
    public long Append(ReadOnlySpan<T> values)
    {
        if (_chunks.Count == 0 || _used + values.Length > _chunks[^1].Length)
        {
            // The first chunk is small because many data sets are.
            _chunks.Add(GC.AllocateUninitializedArray<T>(Math.Max(values.Length, _chunks.Count == 0 ? 1 << 12 : ChunkLength)));
            _used = 0;
        }
        values.CopyTo(_chunks[^1].AsSpan(_used));
        var position = (long)(_chunks.Count - 1) << 32 | (uint)_used;
        _used += values.Length;
        return position;
    }

    public ReadOnlySpan<T> Get(long position, int length) => Part(position, length).Span;

    /// <summary>A stored block, to be changed.</summary>
    public Memory<T> Part(long position, int length) => _chunks[(int)(position >> 32)].AsMemory((int)position, length);
}
