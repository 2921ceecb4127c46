using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>
/// Batches of stretches of one length each series. An epoch is one or several passes: each has every position about once and begins its stretches at other
/// rows, so that a position has a longer history in one pass than in another. Stretches of similar length share a batch. The seed of the epoch determines all.
/// </summary>
/// <param name="source">The series.</param>
/// <param name="shape">The shape of a stretch.</param>
/// <param name="batchSize">Stretches in a batch; the last one of a pass may have fewer.</param>
/// <param name="passes">Passes in an epoch.</param>
internal sealed class StretchBatches(SeriesStretches source, StretchShape shape, int batchSize, int passes) : IBatchSource
{
    private readonly RandomStream _random = new(0);
    private readonly (int Series, int First, int Count)[] _stretches = new (int, int, int)[CountOf(source, shape)];
    private int[] _order = [];
    private int _next, _pass;
    private ulong? _seed;

    public long Count => (long)source.Positions * passes;

    public int Batches => passes * BatchesOfPass;

    private int BatchesOfPass => (_stretches.Length + batchSize - 1) / batchSize;

    /// <summary>The number of stretches of a pass.</summary>
    public static int CountOf(SeriesStretches source, StretchShape shape) =>
        Enumerable.Range(0, source.Series).Sum(series => Pieces(source.PositionsOf(series), shape));

    public void Begin(ulong? seed)
    {
        _seed = seed;
        _pass = 0;
        BeginPass();
    }

    public bool Next(SequenceBatch batch)
    {
        if (_next == BatchesOfPass)
        {
            // A part of streamed series may have none that is long enough.
            if (++_pass == passes || BatchesOfPass == 0) return false;
            BeginPass();
        }
        var start = _order[_next++] * batchSize;
        source.Fill(batch, _stretches.AsSpan(start, Math.Min(batchSize, _stretches.Length - start)));
        return true;
    }

    private static int Pieces(int positions, StretchShape shape) => (positions + shape.Positions - 1) / shape.Positions;

    private void BeginPass()
    {
        _next = 0;
        _order = [.. Enumerable.Range(0, BatchesOfPass)];
        if (_seed is { } key) _random.State = new(key, RandomStream.StreamOf("stretches"), (ulong)_pass << 32);
        var place = 0;
        for (var series = 0; series < source.Series; series++)
        {
            var positions = source.PositionsOf(series);
            var pieces = Pieces(positions, shape);
            var count = (positions + pieces - 1) / pieces;
            // In rows, so that all rows become positions in one pass or another.
            var (length, latest) = (count * shape.Stride, source.RowsOf(series) - (count - 1) * shape.Stride - 1);
            var shift = _seed is null ? 0 : _random.NextInt32(length) - length / 2;
            for (var i = 0; i < pieces; i++) _stretches[place++] = (series, Math.Clamp(i * length + shift, 0, latest), count);
        }
        if (_seed is null) return;
        _random.Shuffle(_stretches.AsSpan());
        // Stable, so that the order within a length stays shuffled.
        _stretches.OrderBy(stretch => stretch.Count).ToArray().CopyTo(_stretches, 0);
        // The last batch may be smaller and stays the last.
        _random.Shuffle(_order.AsSpan(0, _stretches.Length / batchSize));
    }
}
