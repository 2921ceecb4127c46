using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// Builds windows from rows of series. Only future covariates are read ahead. A row has no forecast until its series has a full window of rows without NaN, or
/// if future covariates of its horizon are missing. All rows are read for a model that carries its state. One collector belongs to one cursor.
/// </summary>
internal sealed class SeriesCollector : IExampleCollector, IRowReader
{
    private readonly ModelManifest _manifest;
    private readonly DataViewRow _row;
    private readonly ObservedRowsView? _rows;
    private readonly FutureRows? _ahead;
    private readonly SeriesObserver _observer;
    private readonly SeriesFiller _filler;
    private readonly FutureFeatureBuilder _known;
    private readonly float[] _future, _unknown = [];
    private ScoringBatch? _batch;

    public SeriesCollector(DataViewRow row, ModelManifest manifest, FutureRows? ahead = null, ObservedRowsView? rows = null)
    {
        (_row, _manifest, _ahead, _rows) = (row, manifest, ahead, rows);
        var state = new SeriesState(manifest);
        // Models of earlier builds score as they did.
        _observer = new(row, manifest, state, manifest.Forecast!.DuplicateTimes ?? DuplicateTimes.Step);
        _filler = new(manifest.Inputs, state.Layout, state.Layout.OnlyFuture());
        _known = new(manifest, state.Layout);
        _future = new float[manifest.Forecast.Horizon * _known.Width];
        if (!manifest.CarriesState) return;
        _unknown = new float[_future.Length];
        state.Reader = this;
    }

    public string? Remark => _observer.Remark;

    // The steps of a gap are rows too.
    public bool HasRoom(ScoringBatch batch) =>
        batch.Capacity - batch.Rows > (_manifest is { CarriesState: true, Forecast.FillsTimeGaps: true } ? _manifest.Forecast.WindowSize : 0);

    public void Read(SeriesHistory history, bool again) => history.AddTo(_batch!, _filler, _unknown, again);

    public bool Collect(ScoringBatch batch)
    {
        _batch = batch;
        var history = _observer.Observe();
        if (!history.IsReady || _rows?.IsForecast(_row.Position) is false) return false;
        ReadOnlySpan<float> columns = default;
        var horizon = _manifest.Forecast!.Horizon;
        if (_ahead?.Fault(_observer.Series, history.Count, horizon) is { } fault)
        {
            _rows!.LeaveOut(history.Time, _observer.Name, fault);
            return false;
        }
        if (_ahead is not null && !_ahead.TryGet(_observer.Series, history.Count, horizon, out columns)) return false;
        if (_known.Width > 0) _known.Write(history.Time, columns, horizon, _future);
        if (_manifest.CarriesState) _filler.FillFuture(batch, batch.Rows - 1, history.Last, _future, default);
        else history.AddTo(batch, _filler, _future);
        return true;
    }

    /// <summary>Checks that a schema has the input columns of the model, and returns them.</summary>
    public static IEnumerable<DataViewSchema.Column> Check(ModelManifest manifest, DataViewSchema schema)
    {
        List<DataViewSchema.Column> columns = [.. SeriesLayout.Create(manifest).Find(schema)];
        columns.AddRange(manifest.Forecast!.SeriesKey.Select(name => SeriesReader.Resolve(schema, name)));
        if (manifest.Forecast.TimeColumn is { } time) columns.Add(TimeReader.Resolve(schema, time));
        return columns;
    }
}
