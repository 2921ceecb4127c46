using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Training;

namespace Microsoft.ML.Recurrent.Core.Tests.Training;

/// <summary>A sequence of numbers (or tokens) and its targets.</summary>
internal sealed record Example(float[][] Steps, int Label = 0, float[]? Targets = null, int[]? Tokens = null, float[]? Statics = null, float[]? Future = null);

/// <summary>Examples in memory, shuffled and batched as specified by <see cref="IBatchSource"/>.</summary>
internal sealed class TestBatches(IReadOnlyList<Example> examples, int batchSize) : IBatchSource
{
    private readonly int[] _order = new int[examples.Count];
    private int _next;

    /// <summary>Steps of the examples' future features.</summary>
    public int Horizon { get; init; } = 1;

    public long Count => examples.Count;

    public int Batches => (examples.Count + batchSize - 1) / batchSize;

    /// <summary>Called before each batch, to cancel the run or to corrupt a batch.</summary>
    public Action<int, SequenceBatch>? OnBatch { get; init; }

    public void Begin(ulong? seed)
    {
        for (var i = 0; i < _order.Length; i++) _order[i] = i;
        if (seed is { } key) new RandomStream(key).Shuffle<int>(_order);
        _next = 0;
    }

    public bool Next(SequenceBatch batch)
    {
        if (_next >= _order.Length) return false;
        var rows = _order.Skip(_next).Take(batchSize).Select(i => examples[i]).ToArray();
        var lengths = rows.Select(row => row.Tokens?.Length ?? row.Steps.Length).ToArray();
        var (time, features) = (lengths.Max(), rows[0].Tokens is null ? rows[0].Steps[0].Length : 0);
        batch.Resize(rows.Length, time, features, tokens: features == 0, lengths: lengths.Any(length => length != time), statics: rows[0].Statics?.Length ?? 0,
            targets: rows[0].Targets?.Length ?? 0, labels: true, future: rows[0].Future is { } known ? known.Length / Horizon : 0, horizon: Horizon);
        for (var r = 0; r < rows.Length; r++)
        {
            if (batch.Lengths is not null) batch.Lengths[r] = lengths[r];
            batch.Labels![r] = rows[r].Label;
            rows[r].Targets?.CopyTo(batch.Targets!.Span[(r * rows[r].Targets!.Length)..]);
            for (int i = 0, n = rows[r].Future?.Length ?? 0; i < n; i++)
                batch.Future!.Span[(i / (n / Horizon) * rows.Length + r) * (n / Horizon) + i % (n / Horizon)] = rows[r].Future![i];
            rows[r].Statics?.CopyTo(batch.Statics!.Span[(r * rows[r].Statics!.Length)..]);
            for (var t = 0; t < lengths[r]; t++)
            {
                if (features == 0) batch.Tokens![t * rows.Length + r] = rows[r].Tokens![t];
                else rows[r].Steps[t].CopyTo(batch.Values!.Span[((t * rows.Length + r) * features)..]);
            }
        }

        OnBatch?.Invoke(_next / batchSize, batch);
        _next += rows.Length;
        return true;
    }

    /// <summary>Sequences of noise, labeled by whether the sum of the first channel is positive, with different lengths if requested.</summary>
    public static Example[] Sums(int count, int time = 8, int features = 2, bool varying = false, ulong seed = 3, int vocabulary = 0, int statics = 0)
    {
        var random = new RandomStream(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var length = varying ? 1 + random.NextInt32(time) : time;
            var steps = Enumerable.Range(0, length).Select(_ => Enumerable.Range(0, features).Select(_ => (float)random.NextGaussian()).ToArray()).ToArray();
            var tokens = vocabulary == 0 ? null : Enumerable.Range(0, length).Select(_ => random.NextInt32(vocabulary)).ToArray();
            var sum = tokens is null ? steps.Sum(step => step[0]) : tokens.Sum(token => token - (vocabulary - 1) / 2f);
            return new Example(steps, sum > 0 ? 1 : 0, [sum, -sum], tokens,
                statics == 0 ? null : [.. Enumerable.Range(0, statics).Select(_ => random.NextSingle())]);
        })];
    }
}
