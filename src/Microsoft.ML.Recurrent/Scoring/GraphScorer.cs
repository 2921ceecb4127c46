using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Scores batches of a model by ONNX Runtime, in place: once a shape was seen, a run allocates nothing. Any number of threads may use one scorer, each with a
/// batch of its own. <see cref="Dispose"/> returns the lease on the shared session; a later run takes it anew (ML.NET disposes a whole chain with any engine
/// that was made of it).
/// </summary>
internal sealed class GraphScorer : IDisposable
{
    // A batch of sequences of varying length holds that many runs' rows, so that rows of like length run together.
    private const int RunsToSort = 4;

    private readonly RecurrentModel _model;
    private readonly ScoringOptions _options;
    private readonly bool _answersAtEveryStep, _marksUnanswered;
    private readonly RunSize _size;
    private readonly Lock _gate = new();
    private SessionLease? _lease;
    private long _runs;

    public GraphScorer(RecurrentModel model, ScoringOptions? options = null)
    {
        _model = model;
        _options = (options ?? ScoringOptions.Default).Checked();
        _answersAtEveryStep = model.Manifest.Outputs.Any(output => output.PerStep);
        _marksUnanswered = UnansweredRows.AreToBeMarked(model);
        if (model.Manifest.FixedBatch is int rows) _options = _options with { BatchSize = rows };
        _size = new(model.Manifest, _options.BatchSize);
        _lease = TakeLease();
        Fallback = _lease.Fallback;
    }

    /// <summary>Why the CPU scores in the place of the device asked for; null where it does not.</summary>
    public string? Fallback { get; }

    /// <summary>How often the graph ran.</summary>
    public long Runs => Interlocked.Read(ref _runs);

    /// <summary>Rows of the batches that suit this scorer: more than one run's where lengths vary.</summary>
    public int BatchCapacity => checked(_options.BatchSize * (_model.Manifest.VariesInLength ? RunsToSort : 1));

    /// <summary>A batch that suits this scorer, for no more rows than there are.</summary>
    /// <param name="rows">Rows to come, where that is known.</param>
    public ScoringBatch CreateBatch(long? rows = null) => new(_model.Manifest, (int)Math.Clamp(rows ?? long.MaxValue, 1, BatchCapacity));

    /// <summary>
    /// Scores a batch's rows, at most <see cref="ScoringOptions.BatchSize"/> a run, and fewer where they are very long or of very different length. The answers
    /// lie in the batch in the order of its rows.
    /// </summary>
    public void Run(ScoringBatch batch)
    {
        if (batch.Rows == 0) return;
        SampleNoise.Fill(batch);
        var lease = Enter();
        try
        {
            if (batch.Bindings is not ScoringBindings bindings || !bindings.IsOf(lease.Session, _options.BatchSize))
            {
                batch.Dispose();
                batch.Bindings = bindings = new ScoringBindings(batch, lease.Session, lease.Memory, _options.BatchSize);
            }
            Run(batch, bindings);
            if (_marksUnanswered) UnansweredRows.Mark(batch);
        }
        finally
        {
            lease.Exit();
            GC.KeepAlive(batch);
        }
    }

    public void Dispose()
    {
        SessionLease? lease;
        lock (_gate) (lease, _lease) = (_lease, null);
        lease?.Dispose();
    }

    private void Run(ScoringBatch batch, ScoringBindings bindings)
    {
        var manifest = batch.Manifest;
        var times = batch.Times;
        foreach (var output in batch.Outputs) output.Prepare(times);
        bool uniform = !times.ContainsAnyExcept(times[0]), anyNumber = manifest.FixedBatch is null;
        // Whatever is put in order of length goes back to the batch's own order by a copy.
        bool sorted = !uniform && (manifest.SeparateLengths || times.Length > _size.Rows || anyNumber && _size.IsTooUneven(times));
        ReadOnlySpan<int> order = uniform && anyNumber ? default : bindings.Order(times, sorted);
        for (int start = 0, rows; start < times.Length; start += rows)
        {
            int left = times.Length - start;
            rows = uniform && anyNumber ? _size.OfOneLength(left, times[0]) : Math.Min(_size.Rows, left);
            if (uniform && rows == (manifest.FixedBatch ?? rows))
            {
                // Rows of one length lie in the batch as the graph wants them.
                if (manifest.HasLengths) bindings.Lengths[..rows].Fill(times[0]);
                Run(bindings.Bind(rows, times[0], start, start));
                continue;
            }
            var next = order.Slice(start, rows);
            if (manifest.SeparateLengths) next = next[..OfOneLength(times, next)];
            if (sorted && anyNumber) next = next[.._size.OfLengths(times, next)];
            rows = next.Length;
            int count = manifest.FixedBatch ?? rows, time = bindings.Pad(next, count);
            bool copy = sorted || count > rows || _answersAtEveryStep;
            if (copy) bindings.PrepareAnswers(count, time);
            Run(bindings.Bind(count, time, -1, copy ? -1 : start));
            if (copy) bindings.CopyAnswers(next, time);
        }
    }

    private static int OfOneLength(ReadOnlySpan<int> times, ReadOnlySpan<int> rows)
    {
        int count = 1;
        while (count < rows.Length && times[rows[count]] == times[rows[0]]) count++;
        return count;
    }

    private void Run(TensorBinding binding)
    {
        binding.Run();
        Interlocked.Increment(ref _runs);
    }

    private SessionLease Enter()
    {
        while (true)
        {
            var lease = Volatile.Read(ref _lease);
            if (lease is not null && lease.TryEnter()) return lease;
            lock (_gate) _lease ??= TakeLease();
        }
    }

    private SessionLease TakeLease() => OnnxSessions.Lease(_model.Identity, _model.File(), shapesVary: _model.Manifest.VariesInLength, _options);
}
