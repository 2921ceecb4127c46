using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Kernels;

namespace Microsoft.ML.Recurrent.Scoring.Managed;

/// <summary>Scores batches by the kernels that train networks.</summary>
internal sealed class NetworkScorer : IBatchScorer
{
    private readonly RecurrentModel _model;
    private readonly ScoringNetwork _network;
    private readonly ScoringOptions _options;
    private readonly bool _marksUnanswered;
    private long _runs;

    /// <param name="model">The model.</param>
    /// <param name="network">Its network.</param>
    /// <param name="options">Batch size and threads; the number of threads is that of a run.</param>
    public NetworkScorer(RecurrentModel model, ScoringNetwork network, ScoringOptions options)
    {
        (_model, _network, _options) = (model, network, options.Checked());
        _marksUnanswered = UnansweredRows.AreToBeMarked(model);
    }

    public int BatchCapacity => GraphScorer.CapacityOf(_model, _options);

    public long Runs => Interlocked.Read(ref _runs);

    public ScoringBatch CreateBatch(long? rows = null) => new(_model.Manifest, (int)Math.Clamp(rows ?? long.MaxValue, 1, BatchCapacity));

    public void Run(ScoringBatch batch)
    {
        if (batch.Rows == 0) return;
        if (batch.Bindings is not NetworkRun run || !run.IsOf(_network))
        {
            batch.Dispose();
            batch.Bindings = run = new NetworkRun(batch, _network);
        }
        using var limit = Workers.Limit(_options.NumberOfThreads ?? 0);
        Interlocked.Add(ref _runs, run.Score(_options.BatchSize));
        if (_marksUnanswered) UnansweredRows.Mark(batch);
        GC.KeepAlive(_network);
    }

    public void Dispose()
    {
        // The network is shared.
    }
}
