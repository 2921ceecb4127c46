using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Batches of a subset of a source's examples. Examples of similar length share a batch (bucketing), so that little of the work is padding. For training,
/// shuffled examples are grouped into runs of many batches, each run is sorted by length and cut into batches of at most so many examples and so many steps
/// (rows times the longest), and the batches are shuffled. Every epoch differs; its seed determines the order. Without shuffling, all examples are sorted, and
/// a batch also ends where padding would be more than a twentieth of it. Examples of one length keep their order and are cut by their number.
/// </summary>
internal sealed class ExampleBatches : IBatchSource
{
    private const int BatchesARun = 64;

    // Only batches of long examples are cut by it. Without it the longest run in full batches with examples half as long: 11% of the work on sms_spam was
    // padding.
    private const double UsualSteps = 1.5;

    // Below that number a batch costs as much as with it.
    private const int FewestRows = 4;

    private const double MostPadding = 0.05;

    // Rows times steps of a batch without shuffling, from so many rows on: its buffers are no larger than those of training, which lie in the pool.
    private const int InferenceSteps = 8192, InferenceRows = 32;

    private readonly IExampleSource _source;
    private readonly int[] _examples, _order, _batches;
    private readonly long[] _keys = [];
    // Of examples that differ in length: where each batch starts, and the end.
    private readonly int[] _starts = [];
    private readonly int _size, _run, _inferenceSize;
    private readonly long _steps;
    private readonly RandomStream _random = new(0);
    private int _next, _rows;

    /// <param name="source">The examples.</param>
    /// <param name="examples">The indices of the subset, in order.</param>
    /// <param name="batchSize">The most examples of a batch; without shuffling, of a batch of few steps.</param>
    /// <param name="maximumSteps">The most steps of a batch, padding included, when shuffled; longer examples have a batch of their own. Null for one and a
    /// half times those of <paramref name="batchSize"/> examples of mean length.</param>
    public ExampleBatches(IExampleSource source, int[] examples, int batchSize, int? maximumSteps = null)
    {
        (_source, _examples, _order) = (source, examples, [.. examples]);
        if (!source.VariesInLength)
        {
            _size = maximumSteps is { } most && examples.Length > 0 ? Math.Clamp(most / source.Length(examples[0]), 1, batchSize) : batchSize;
            _inferenceSize = examples.Length == 0 ? _size : Math.Min(_size, Math.Max(InferenceRows, InferenceSteps / source.Length(examples[0])));
            _batches = [];
            Cut(_size);
            return;
        }
        var mean = examples.Length == 0 ? 1 : examples.Sum(example => (long)source.Length(example)) / (double)examples.Length;
        (_size, _steps) = (batchSize, maximumSteps ?? (long)(UsualSteps * batchSize * mean));
        _run = (int)Math.Min(examples.Length, BatchesARun * Math.Clamp(_steps / mean, 1, batchSize));
        (_keys, _starts, _batches) = (new long[examples.Length], new int[examples.Length + 1], new int[examples.Length]);
        // About as many as in any epoch.
        Begin(0);
    }

    public long Count => _examples.Length;

    public int Batches { get; private set; }

    /// <summary>Ends a pass before its next batch, with an exception.</summary>
    public CancellationToken Cancellation { get; init; }

    public void Begin(ulong? seed)
    {
        _next = 0;
        _examples.CopyTo(_order.AsSpan());
        if (seed is { } key)
        {
            _random.State = new(key, RandomStream.StreamOf("examples"), 0);
            _random.Shuffle(_order.AsSpan());
        }
        if (!_source.VariesInLength)
        {
            // The last batch may be smaller and stays the last.
            Cut(seed is null ? _inferenceSize : _size);
            return;
        }
        Bucket(shuffled: seed is not null);
        for (var i = 0; i < Batches; i++) _batches[i] = i;
        if (seed is not null) _random.Shuffle(_batches.AsSpan(0, Batches));
    }

    public void Skip(int batches) => _next = Math.Min(Batches, _next + batches);

    public bool Next(SequenceBatch batch)
    {
        if (_next == Batches) return false;
        Cancellation.ThrowIfCancellationRequested();
        var number = _source.VariesInLength ? _batches[_next] : _next;
        var (start, end) = _source.VariesInLength ? (_starts[number], _starts[number + 1])
            : (number * _rows, Math.Min((number + 1) * _rows, _order.Length));
        _next++;
        _source.Fill(batch, _order.AsSpan(start, end - start));
        return true;
    }

    private void Cut(int rows) => (_rows, Batches) = (rows, (_order.Length + rows - 1) / rows);

    // Sorts runs by length, equal lengths in the order they have, and cuts them into batches.
    private void Bucket(bool shuffled)
    {
        Batches = 0;
        for (var i = 0; i < _order.Length; i++) _keys[i] = ((long)_source.Length(_order[i]) << 32) | (uint)i;
        var run = shuffled ? _run : _order.Length;
        for (int start = 0, end; start < _order.Length; start = end)
        {
            end = Math.Min(start + run, _order.Length);
            Array.Sort(_keys, _order, start, end - start);
            for (var next = start; next < end; next = End(next, end, shuffled)) _starts[Batches++] = next;
        }
        _starts[Batches] = _order.Length;
    }

    // The end of the batch that starts at an example: it has one at least.
    private int End(int start, int end, bool shuffled)
    {
        var (next, steps) = (start, 0L);
        for (; next < end && next - start < _size; next++)
        {
            var (rows, length) = (next - start + 1, _keys[next] >> 32);
            steps += length;
            if (shuffled ? rows > 1 && rows * length > _steps
                : rows > FewestRows && steps < (1 - MostPadding) * rows * length || rows > InferenceRows && rows * length > InferenceSteps) break;
        }
        return next;
    }
}
