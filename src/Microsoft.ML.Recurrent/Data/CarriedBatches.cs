using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Batches of stretches in time order, for a network that carries its states from one to the next (truncated backpropagation through time, Williams and Peng
/// 1990). A row of the batches is a lane: a series from its first row on, or a part of a long one. Lanes of similar length run together, and states begin at
/// zero with them. Lanes that begin inside a series read some rows before they learn. Where parts and stretches begin differs from pass to pass; the seed of
/// the epoch determines all.
/// </summary>
/// <param name="source">The series, of positions at each row.</param>
/// <param name="lanes">Lanes of a batch.</param>
/// <param name="warmUp">Rows that a lane inside a series reads before it learns.</param>
/// <param name="passes">Passes over the rows in an epoch.</param>
internal sealed class CarriedBatches(SeriesStretches source, int lanes, int warmUp, int passes) : IBatchSource
{
    private readonly RandomStream _random = new(0);
    private readonly List<Batch> _batches = [];
    private (int Series, int First, int Count)[] _stretches = [];
    private int[] _unlearned = [];
    private int _next;

    public long Count => (long)source.Positions * passes;

    public int Batches
    {
        get
        {
            if (_batches.Count == 0) Begin(null);
            return _batches.Count;
        }
    }

    public bool CarriesState => true;

    public void Begin(ulong? seed)
    {
        _next = 0;
        _batches.Clear();
        if (seed is { } key) _random.State = new(key, RandomStream.StreamOf("carried stretches"), 0);
        for (var pass = 0; pass < passes; pass++)
        {
            var all = Lanes(shifts: seed is not null);
            if (seed is not null) _random.Shuffle(all.AsSpan());
            // Stable: the order within a length stays shuffled.
            Lane[][] groups = [.. all.OrderBy(lane => lane.Length).Chunk(lanes)];
            if (seed is not null) _random.Shuffle(groups.AsSpan());
            foreach (var group in groups) Cut(group, seed is null ? 0 : _random.NextInt32(source.Shape.Positions));
        }
    }

    public bool Next(SequenceBatch batch)
    {
        if (_next == _batches.Count) return false;
        var (group, from, count) = _batches[_next++];
        (_stretches, _unlearned) = group.Length == _stretches.Length ? (_stretches, _unlearned) : (new (int, int, int)[group.Length], new int[group.Length]);
        for (var i = 0; i < group.Length; i++)
        {
            // A lane that has ended repeats its last row.
            var (lane, first) = (group[i], Math.Min(from, group[i].Length - 1));
            _stretches[i] = (lane.Series, lane.First + first, Math.Min(count, lane.Length - first));
            _unlearned[i] = from >= lane.Length ? count : Math.Max(0, lane.Unlearned - from);
        }
        source.Fill(batch, _stretches, _unlearned);
        batch.ContinuesState = from > 0;
        return true;
    }

    public void Skip(int batches) => _next = Math.Min(_batches.Count, _next + batches);

    private Lane[] Lanes(bool shifts)
    {
        var all = new List<Lane>();
        var rows = Enumerable.Range(0, source.Series).Sum(series => (long)source.RowsOf(series) + source.RowsBefore);
        // A lane that is no longer than its warm-up and a stretch would hardly learn.
        var length = Math.Max((rows + lanes - 1) / lanes, warmUp + 2L * source.Shape.Positions);
        for (var series = 0; series < source.Series; series++)
        {
            var (first, end) = (-source.RowsBefore, source.RowsOf(series));
            var parts = (int)Math.Max(1, (end - first) / length);
            for (var (part, from) = (0, first); part < parts; part++)
            {
                var half = source.Shape.Positions / 2;
                var to = part == parts - 1 ? end
                    : first + (int)((long)(end - first) * (part + 1) / parts) + (shifts ? _random.NextInt32(source.Shape.Positions) - half : 0);
                var before = part == 0 ? 0 : Math.Min(warmUp, from - first);
                all.Add(new(series, from - before, to - from + before, before));
                from = to;
            }
        }
        return [.. all];
    }

    // The first stretch may be shorter, so that gradients end at other rows from pass to pass.
    private void Cut(Lane[] group, int shift)
    {
        var length = group.Max(lane => lane.Length);
        for (int from = 0, count; from < length; from += count)
        {
            count = Math.Min(length - from, source.Shape.Positions - (from == 0 ? shift : 0));
            _batches.Add(new(group, from, count));
        }
    }

    private readonly record struct Lane(int Series, int First, int Length, int Unlearned);

    private readonly record struct Batch(Lane[] Lanes, int From, int Count);
}
