using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Scores batches of a model by ONNX Runtime, in place: once a shape was seen, a run allocates nothing. Any number of threads may use one scorer, each with a batch of its own.
/// <see cref="Dispose"/> returns the lease on the shared session; a later run takes it anew (ML.NET disposes a whole chain with any engine that was made of it).
/// </summary>
internal sealed class GraphScorer : IDisposable
{
    // A batch of sequences of varying length holds that many runs' rows, so that rows of like length run together.
    private const int RunsToSort = 4;

    private readonly RecurrentModel _model;
    private readonly ScoringOptions _options;
    private readonly Lock _gate = new();
    private SessionLease? _lease;
    private long _runs;

    public GraphScorer(RecurrentModel model, ScoringOptions? options = null)
    {
        (_model, _options) = (model, (options ?? ScoringOptions.Default).Checked());
        _lease = TakeLease();
    }

    /// <summary>How often the graph ran.</summary>
    public long Runs => Interlocked.Read(ref _runs);

    /// <summary>Rows of the batches that suit this scorer: more than one run's where lengths vary.</summary>
    public int BatchCapacity => checked(_options.BatchSize * (_model.Manifest.HasLengths ? RunsToSort : 1));

    /// <summary>A batch that suits this scorer, for no more rows than there are.</summary>
    /// <param name="rows">Rows to come, where that is known.</param>
    public ScoringBatch CreateBatch(long? rows = null) => new(_model.Manifest, (int)Math.Clamp(rows ?? long.MaxValue, 1, BatchCapacity));

    /// <summary>Scores a batch's rows, at most <see cref="ScoringOptions.BatchSize"/> a run. The answers lie in the batch in the order of its rows.</summary>
    public void Run(ScoringBatch batch)
    {
        if (batch.Rows == 0) return;
        var lease = Enter();
        try
        {
            if (batch.Bindings is not { } bindings || !bindings.IsOf(lease.Session, _options.BatchSize))
            {
                batch.Dispose();
                batch.Bindings = bindings = new(batch, lease.Session, _options.BatchSize);
            }
            Run(batch, bindings, lease.Session);
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

    private void Run(ScoringBatch batch, ScoringBindings bindings, InferenceSession session)
    {
        var times = batch.Times;
        int size = _options.BatchSize;
        if (!times.ContainsAnyExcept(times[0]))
        {
            // Rows of one length lie in the batch as the graph wants them.
            for (int start = 0; start < times.Length; start += size)
            {
                int rows = Math.Min(size, times.Length - start);
                if (batch.Manifest.HasLengths) bindings.Lengths[..rows].Fill(times[0]);
                Run(session, bindings.Bind(rows, times[0], start, start));
            }
            return;
        }

        var order = bindings.Order(times, sorted: times.Length > size);
        for (int start = 0; start < order.Length; start += size)
        {
            var rows = order.Slice(start, Math.Min(size, order.Length - start));
            int time = bindings.Pad(rows);
            bool inOrder = order.Length <= size;
            if (!inOrder) bindings.PrepareAnswers(rows.Length);
            Run(session, bindings.Bind(rows.Length, time, -1, inOrder ? 0 : -1));
            if (!inOrder) bindings.CopyAnswers(rows);
        }
    }

    private void Run(InferenceSession session, OrtIoBinding binding)
    {
        session.RunWithBinding(RunSettings.Default, binding);
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

    private SessionLease TakeLease() => OnnxSessions.Lease(_model.Identity, _model.Graph(), shapesVary: _model.Manifest.HasLengths, _options);

    // One for all runs: it carries no state of ours.
    private static class RunSettings
    {
        public static readonly RunOptions Default = new();
    }
}
