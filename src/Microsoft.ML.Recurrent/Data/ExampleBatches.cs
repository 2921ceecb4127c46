using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Batches of a subset of a source's examples. With shuffling, examples of similar length share a batch (bucketing): shuffled examples are grouped into runs of
/// many batches, each run is sorted by length and split, and the batches are shuffled. This needs little padding, and every epoch differs. The seed of the
/// epoch determines the order.
/// </summary>
internal sealed class ExampleBatches : IBatchSource
{
    private const int BatchesARun = 64;

    private readonly IExampleSource _source;
    private readonly int[] _examples;
    private readonly int[] _order;
    private readonly int[] _lengths;
    private readonly int[] _batches;
    private readonly int _size;
    private readonly RandomStream _random = new(0);
    private int _next;

    /// <param name="source">The examples.</param>
    /// <param name="examples">The indices of the subset, in order.</param>
    /// <param name="batchSize">Examples per batch; the last one may have fewer.</param>
    public ExampleBatches(IExampleSource source, int[] examples, int batchSize)
    {
        (_source, _examples, _size) = (source, examples, batchSize);
        Batches = (examples.Length + batchSize - 1) / batchSize;
        _order = [.. examples];
        _lengths = source.VariesInLength ? new int[examples.Length] : [];
        _batches = new int[Batches];
    }

    public long Count => _examples.Length;

    public int Batches { get; }

    /// <summary>Ends a pass before its next batch, with an exception.</summary>
    public CancellationToken Cancellation { get; init; }

    public void Begin(ulong? seed)
    {
        _next = 0;
        _examples.CopyTo(_order.AsSpan());
        for (var i = 0; i < _batches.Length; i++) _batches[i] = i;
        if (seed is not { } key) return;
        _random.State = new(key, RandomStream.StreamOf("examples"), 0);
        _random.Shuffle(_order.AsSpan());
        if (!_source.VariesInLength) return;
        for (var i = 0; i < _order.Length; i++) _lengths[i] = _source.Length(_order[i]);
        for (var start = 0; start < _order.Length; start += BatchesARun * _size)
        {
            var count = Math.Min(BatchesARun * _size, _order.Length - start);
            Array.Sort(_lengths, _order, start, count);
        }
        // The last batch may be smaller and stays the last.
        var full = _order.Length / _size;
        _random.Shuffle(_batches.AsSpan(0, full));
    }

    public bool Next(SequenceBatch batch)
    {
        if (_next == Batches) return false;
        Cancellation.ThrowIfCancellationRequested();
        var start = _batches[_next++] * _size;
        _source.Fill(batch, _order.AsSpan(start, Math.Min(_size, _order.Length - start)));
        return true;
    }
}
