using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Scoring;

/// <summary>
/// Scores batches with ONNX Runtime in place: a run allocates nothing once its shape has been seen. Thread-safe if each thread has its own batch.
/// <see cref="Dispose"/> releases the lease on the shared session; a later run leases it again (ML.NET disposes a whole chain with any engine created from it).
/// </summary>
internal sealed class GraphScorer : IBatchScorer
{
    // A batch of sequences of varying length holds the rows of this many runs, so that rows of similar length run together; so does one of a model that carries
    // its state, whose last rows run alone.
    private const int RunsToSort = 4;

    private readonly RecurrentModel _model;
    private readonly ScoringOptions _options;
    private readonly bool _answersAtEveryStep, _marksUnanswered, _shares;
    private readonly RunSize _size;
    private readonly Lock _gate = new();
    private SessionLease? _lease;
    private long _runs;

    public GraphScorer(RecurrentModel model, ScoringOptions? options = null)
    {
        _model = model;
        _options = Adapted(model, options ?? ScoringOptions.Default);
        _answersAtEveryStep = model.Manifest.Outputs.Any(output => output.PerStep);
        _shares = model.Manifest is { IsForeignGraph: true, FixedBatch: not 1 } && model.Manifest.Inputs.Any(input => input.IsShared);
        _marksUnanswered = UnansweredRows.AreToBeMarked(model);
        _size = SizeOf(model, _options);
        _lease = TakeLease();
        Fallback = _lease.Fallback;
    }

    /// <summary>Why the CPU replaces the requested device; null if it does not.</summary>
    public string? Fallback { get; }

    /// <summary>Takes each line that the runtime writes to its log.</summary>
    public Action<string>? Said { get; init; }

    /// <summary>Number of runs of the graph.</summary>
    public long Runs => Interlocked.Read(ref _runs);

    /// <summary>Rows per batch for this scorer: more than one run if lengths vary.</summary>
    public int BatchCapacity => CapacityOf(_model, _options);

    /// <summary>Rows per batch if several batches are scored at once: those of one run, or of more if lengths vary.</summary>
    public static int ParallelBatchCapacity(RecurrentModel model, ScoringOptions options)
    {
        options = Adapted(model, options with { NumberOfThreads = 1 });
        return model.Manifest is { FixedBatch: null, CarriesState: false } manifest
            && manifest.Inputs.FirstOrDefault(input => input.IsSequence)?.Time is { } time
            ? SizeOf(model, options).OfOneLength(options.BatchSize, time)
            : CapacityOf(model, options);
    }

    /// <summary>Creates a batch for this scorer, no larger than the rows to come.</summary>
    /// <param name="rows">Number of rows to come, if known.</param>
    public ScoringBatch CreateBatch(long? rows = null) =>
        new(_model.Manifest, (int)Math.Clamp(_model.Manifest.CarriesState ? BatchCapacity : rows ?? long.MaxValue, 1, BatchCapacity));

    /// <summary>
    /// Scores the rows of a batch, at most <see cref="ScoringOptions.BatchSize"/> per run, fewer if they are very long or of very different length. The outputs
    /// are in the order of the rows.
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
            foreach (var output in batch.Outputs) output.Prepare(batch.Times);
            if (batch.Manifest.CarriesState) Interlocked.Add(ref _runs, new CarriedRuns(batch, bindings, _options.BatchSize).Run());
            else Run(batch, bindings);
            if (_marksUnanswered) UnansweredRows.Mark(batch);
        }
        finally
        {
            while (lease.Log.TryTake(out var line)) Said?.Invoke(line);
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
        var groups = _shares ? SharedInputs.Find(batch) : null;
        bool uniform = groups is null && !times.ContainsAnyExcept(times[0]), anyNumber = manifest.FixedBatch is null;
        // Outputs of rows sorted by length are copied back to the order of the batch.
        var sorted = !uniform && (groups is not null || manifest.SeparateLengths || times.Length > _size.Rows || anyNumber && _size.IsTooUneven(times));
        var order = uniform && anyNumber ? default : bindings.Order(times, sorted, groups);
        for (int start = 0, rows; start < times.Length; start += rows)
        {
            var left = times.Length - start;
            rows = uniform && anyNumber ? _size.OfOneLength(left, times[0]) : Math.Min(_size.Rows, left);
            if (uniform && rows == (manifest.FixedBatch ?? rows))
            {
                // Rows of equal length have the layout of the graph.
                if (manifest.HasLengths) bindings.Lengths[..rows].Fill(times[0]);
                Run(bindings.Bind(rows, times[0], start, start));
                continue;
            }
            var next = order.Slice(start, rows);
            if (groups is not null) next = next[..groups.OfOneGroup(next)];
            if (manifest.SeparateLengths) next = next[..OfOneLength(times, next)];
            if (sorted && anyNumber) next = next[.._size.OfLengths(times, next)];
            rows = next.Length;
            int count = manifest.FixedBatch ?? rows, time = bindings.Pad(next, count);
            var copy = sorted || count > rows || _answersAtEveryStep;
            if (copy) bindings.PrepareAnswers(count, time);
            Run(bindings.Bind(count, time, -1, copy ? -1 : start));
            if (copy) bindings.CopyAnswers(next, time);
        }
    }

    private static int OfOneLength(ReadOnlySpan<int> times, ReadOnlySpan<int> rows)
    {
        var count = 1;
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

    private static ScoringOptions Adapted(RecurrentModel model, ScoringOptions options) =>
        model.Manifest.FixedBatch is int rows ? options.Checked() with { BatchSize = rows } : options.Checked();

    /// <summary>
    /// Rows per batch with these options: several batches are sorted by length together if lengths vary; the steps of a gap are read with the row after it.
    /// </summary>
    public static int CapacityOf(RecurrentModel model, ScoringOptions options) =>
        checked(options.BatchSize * (model.Manifest.VariesInLength || model.Manifest.CarriesState ? RunsToSort : 1)
            + (model.Manifest is { CarriesState: true, Forecast.FillsTimeGaps: true } manifest ? manifest.Forecast.WindowSize : 0));

    // Several threads share the work of a run: of large layers they need many rows. Graphs of other frameworks have no description.
    private static RunSize SizeOf(RecurrentModel model, ScoringOptions options) => new(model.Manifest, options.BatchSize,
        options.NumberOfThreads != 1 || model.Manifest.IsForeignGraph
            ? 0
            : model.Description.Layers.OfType<RecurrentDescription>().Select(layer => layer.Descriptor.Gates * layer.HiddenSize).DefaultIfEmpty().Max());

    private SessionLease TakeLease() => OnnxSessions.Lease(_model.Identity, _model.File(), shapesVary: _model.Manifest.VariesInLength, _options);
}
