using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Scoring;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Keeps the states of the series of an engine up to date: rows are read many at once, at the latest when a state is needed. Not thread-safe.
/// </summary>
internal sealed class StateReader : IRowReader, IDisposable
{
    private readonly GraphScorer _scorer;
    private readonly ScoringBatch _batch;
    private readonly SeriesFiller _filler;
    private readonly float[] _future;

    public StateReader(RecurrentModel model, ScoringOptions scoring, SeriesLayout layout)
    {
        _scorer = new(model, scoring);
        _batch = _scorer.CreateBatch();
        _filler = new(model.Manifest.Inputs, layout, layout.OnlyFuture());
        // States do not depend on it.
        _future = new float[model.Manifest.Forecast!.Horizon * new FutureFeatureBuilder(model.Manifest, layout).Width];
    }

    public void Read(SeriesHistory history, bool again)
    {
        if (_batch.IsFull) Finish();
        history.AddTo(_batch, _filler, _future, again);
    }

    /// <summary>Reads the rows that wait.</summary>
    public void Finish()
    {
        if (_batch.Rows > 0) _scorer.Run(_batch);
        _batch.Clear();
    }

    /// <summary>Forgets the rows that wait.</summary>
    public void Clear() => _batch.Clear();

    public void Dispose()
    {
        _scorer.Dispose();
        _batch.Dispose();
    }
}
