using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <content>Rows that are observed, and what is kept of them.</content>
public sealed partial class RecurrentForecastEngine
{
    /// <summary>
    /// Observes rows, in time order within each series: all of them, or none if one is invalid. Until it returns, other threads forecast without the new rows.
    /// A row of a time that was observed before counts as the engine was created (<see cref="DuplicateTimes"/>): by default it takes the place of the older one
    /// if that lies inside the window, so that rows may be sent again. Of a model that carries its state (<see cref="DecodingOptions.Stateful"/>), a row before
    /// the last one of its series may come again only as it was.
    /// </summary>
    /// <param name="rows">Rows with the input columns of the pipeline.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or a row has no time, is earlier than a previous one of its series, or
    /// further after it than the engine allows.</exception>
    public void Observe(IDataView rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        foreach (var transformer in _before) rows = transformer.Transform(rows);
        var columns = SeriesCollector.Check(Manifest, rows.Schema);
        using var cursor = rows.GetRowCursor(columns.DistinctBy(column => column.Index));
        if (_reader is not null)
        {
            lock (_changes) ObserveAll(cursor);
            return;
        }
        var observed = new SeriesState(Manifest);
        var observer = new SeriesObserver(cursor, Manifest, observed, _duplicates, _limit, LastTime);
        while (cursor.MoveNext()) observer.Observe();
        lock (_changes)
            lock (_gate) _state.Append(observed, rows.Schema, _duplicates, _limit);
        Say(observer.Remark);
    }

    // The states of a model that carries them need every row. Meanwhile the state before is there for forecasts.
    private void ObserveAll(DataViewRowCursor cursor)
    {
        SeriesState observed;
        lock (_gate) observed = Copy();
        using var reader = new StateReader(_forecaster.Model, _forecaster.Scoring, observed.Layout);
        observed.Reader = reader;
        var observer = new SeriesObserver(cursor, Manifest, observed, _duplicates, _limit, LastTime);
        while (cursor.MoveNext()) observer.Observe();
        reader.Finish();
        observed.Reader = _reader;
        lock (_gate)
        {
            _state = observed;
            _rows.Clear();
        }
        Say(observer.Remark);
    }

    // With the states of all rows.
    private SeriesState Copy()
    {
        _reader?.Finish();
        return _state.Clone();
    }

    /// <summary>Observes one row.</summary>
    /// <typeparam name="TRow">A class with the columns as properties, as for <c>LoadFromEnumerable</c>.</typeparam>
    /// <param name="row">The row, not earlier than previous rows of its series, unless it corrects one.</param>
    /// <inheritdoc cref="Observe(IDataView)" path="/exception"/>
    public void Observe<TRow>(TRow row)
        where TRow : class
    {
        ArgumentNullException.ThrowIfNull(row);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        if (row is IDataView rows)
        {
            Observe(rows);
            return;
        }
        if (row is System.Collections.IEnumerable)
            throw new ArgumentException("Observe takes one row, or an IDataView: pass mlContext.Data.LoadFromEnumerable(rows).", nameof(row));
        lock (_changes)
            lock (_gate)
            {
                if (!_rows.TryGetValue(typeof(TRow), out var known))
                    _rows.Add(typeof(TRow), known = new RowObserver<TRow>(_host, _before, Manifest, _state, _duplicates, _limit));
                ((RowObserver<TRow>)known).Observe(row);
                Say(((RowObserver<TRow>)known).Remark);
            }
    }

    /// <summary>
    /// Forgets all observations of a series: its next row may have any time. Use it for a series that has ended, or after a row with a wrong time.
    /// </summary>
    /// <param name="series">The name of the series (the value of a key, the digits of a number); null if the model has no series column.</param>
    /// <returns>Whether the series was observed.</returns>
    /// <exception cref="ArgumentException">The name is missing, or the model has no series column.</exception>
    public bool Forget(string? series = null)
    {
        lock (_changes)
            lock (_gate)
            {
                if (FindOrNull(series) is not { } id) return false;
                var had = _state[id].Count > 0;
                // A forecast of all series that has begun goes on with the state before.
                _state = _state.Without(id);
                _rows.Clear();
                return had;
            }
    }

    /// <summary>
    /// Takes over the observations of all series from the engine of another model of the same columns, as after training anew: forecasts go on without
    /// observing the rows again. At most the window of the other model is there; if it is as long as this one's, forecasts are those of an engine that
    /// observed all rows, except of a model that carries its state, which begins with the first row of the window. The other engine stays as it is.
    /// </summary>
    /// <param name="engine">The engine that observed.</param>
    /// <returns>By name, the series that cannot be forecast yet, with what they lack (observations, if the new window is longer).</returns>
    /// <exception cref="ArgumentException">The columns, the time zone or the frequency of the models differ; the message says how.</exception>
    /// <exception cref="InvalidOperationException">This engine has observed rows already.</exception>
    public IReadOnlyDictionary<string, string> MigrateFrom(RecurrentForecastEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        if (engine == this) throw new ArgumentException("An engine has its own observations already.", nameof(engine));
        SeriesState source;
        lock (engine._gate) source = engine.Copy();
        lock (_changes)
            lock (_gate)
            {
                if (_state.Count > 0)
                    throw new InvalidOperationException("The engine has observed rows already: take over the others' before that, or call Reset first.");
                var moved = _state.Empty();
                var lacking = new StateMigration(engine.Manifest, source, Manifest, moved, _duplicates).Move();
                _state = moved;
                _rows.Clear();
                return lacking;
            }
    }

    /// <summary>Forgets all observations of all series.</summary>
    public void Reset()
    {
        lock (_changes)
            lock (_gate)
            {
                _state = _state.Empty();
                _rows.Clear();
            }
    }

    // The time of the last observation of a series; less than all if there is none.
    private long LastTime(string name)
    {
        lock (_gate)
        {
            var id = Manifest.Forecast!.SeriesKey.IsEmpty ? 0 : _state.Index.Find(name) ?? -1;
            return id >= 0 && id < _state.Count ? _state[id].Time : long.MinValue;
        }
    }

    private void Say(string? remark)
    {
        if (remark is null || _said) return;
        _said = true;
        using var channel = _host.Start(nameof(Observe));
        channel.Info(MessageSensitivity.UserData, remark);
    }
}
