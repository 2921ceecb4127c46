using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Forecasts many series online: it observes rows one at a time or in bulk, keeps the last window of each series, and forecasts any horizon. Thread-safe: one
/// engine can serve a whole application, for example as an ASP.NET Core singleton.
/// </summary>
/// <example><code>
/// using var engine = model.CreateForecastEngine(mlContext); engine.Observe(history); // an IDataView engine.Observe(new Reading { Sensor = "a", Value = 3 });
/// // one row var next = engine.Predict("a").Values; engine.CheckPoint(mlContext, "engine.zip"); // continue with mlContext.Model.Load and CreateForecastEngine
/// </code></example>
public sealed class RecurrentForecastEngine : IDisposable
{
    private readonly IHost _host;
    private readonly ITransformer[] _before;
    private readonly RecurrentForecastingTransformer _forecaster;
    private readonly SeriesPredictor _predictor;
    private readonly DuplicateTimes _duplicates;
    private readonly TimeJumpLimit _limit;
    private readonly Lock _gate = new();
    private readonly Dictionary<Type, object> _rows = [];
    private readonly Dictionary<float, SeriesPredictor> _levels = [];
    private SeriesState _state;
    private readonly StateReader? _reader;
    private SeriesPredictor? _sampler;
    private bool _disposed, _said;

    private RecurrentForecastEngine(IHostEnvironment environment, ITransformer[] before, RecurrentForecastingTransformer forecaster,
        DuplicateTimes? duplicateTimes, int? maximumStepsAhead, float? adaptationRate)
    {
        _host = environment.Register(nameof(RecurrentForecastEngine));
        (_before, _forecaster) = (before, forecaster);
        _state = forecaster.State?.Clone() ?? new SeriesState(Manifest);
        // A checkpoint of an earlier build goes on as it did.
        var rate = adaptationRate ?? (forecaster.State is null ? BoundAdaptation.DefaultRate : _state.AdaptationRate ?? 0);
        _state.Adapt(rate, BoundSpace.Create(forecaster.Model));
        _duplicates = duplicateTimes ?? Manifest.Forecast!.DuplicateTimes ?? DuplicateTimes.Replace;
        _limit = new(Manifest.Forecast!.Steps, maximumStepsAhead);
        _predictor = new(forecaster.Model, forecaster.Scoring, _state.Layout);
        if (!Manifest.CarriesState) return;
        _reader = new(forecaster.Model, forecaster.Scoring, _state.Layout);
        _state.Reader = _reader;
    }

    /// <summary>The names of the observed series (the value of a key, the digits of a number); one empty name if the model has no series column.</summary>
    public IReadOnlyList<string> Series
    {
        get
        {
            lock (_gate) return [.. Enumerable.Range(0, _state.Count).Where(series => _state[series].Count > 0).Select(series => NameOf(_state, series))];
        }
    }

    private ModelManifest Manifest => _forecaster.Model.Manifest;

    internal static RecurrentForecastEngine Create(IHostEnvironment environment, ITransformer transformer, DuplicateTimes? duplicateTimes,
        int? maximumStepsAhead, float? adaptationRate)
    {
        BoundAdaptation.Check(adaptationRate, nameof(adaptationRate));
        if (duplicateTimes is { } chosen && !Enum.IsDefined(chosen))
            throw new ArgumentOutOfRangeException(nameof(duplicateTimes), duplicateTimes, "Choose Replace, Refuse or Step.");
        if (maximumStepsAhead < 1)
            throw new ArgumentOutOfRangeException(nameof(maximumStepsAhead), maximumStepsAhead, "A row must be allowed to lie at least 1 step ahead.");
        var chain = RecurrentTransformer.Flatten(transformer).ToArray();
        if (chain is not [.. var before, RecurrentForecastingTransformer forecaster])
            throw new ArgumentException(
                $"A forecast engine needs a recurrent forecaster, or a pipeline that ends in one; this one ends "
                    + $"in {chain.LastOrDefault()?.GetType().Name ?? "nothing"}.", nameof(transformer));
        if (forecaster.Model.Manifest.Forecast!.RowsHoldWindows)
            throw new ArgumentException(
                "The forecaster was trained on rows of windows: score each row by mlContext.Model.CreatePredictionEngine.",
                nameof(transformer));
        return new(environment, before, forecaster, duplicateTimes, maximumStepsAhead, adaptationRate);
    }

    /// <summary>
    /// Observes rows, in time order within each series: all of them, or none if one is invalid. Until it returns, other threads forecast without the new rows.
    /// A row of a time that was observed before counts as the engine was created (<see cref="DuplicateTimes"/>): by default it takes the place of the older one
    /// if that lies inside the window, so that rows may be sent again.
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
            lock (_gate) ObserveAll(cursor);
            return;
        }
        var observed = new SeriesState(Manifest);
        var observer = new SeriesObserver(cursor, Manifest, observed, _duplicates, _limit, LastTime);
        while (cursor.MoveNext()) observer.Observe();
        lock (_gate) _state.Append(observed, rows.Schema, _duplicates, _limit);
        Say(observer.Remark);
    }

    // The states of a model that carries them need every row.
    private void ObserveAll(DataViewRowCursor cursor)
    {
        var observed = Copy();
        try
        {
            var observer = new SeriesObserver(cursor, Manifest, observed, _duplicates, _limit, LastTime);
            while (cursor.MoveNext()) observer.Observe();
            Say(observer.Remark);
        }
        catch
        {
            _reader!.Clear();
            throw;
        }
        _state = observed;
        _rows.Clear();
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
    /// observed all rows. The other engine stays as it is.
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
        lock (_gate)
        {
            _state = _state.Empty();
            _rows.Clear();
        }
    }

    /// <summary>Forecasts the next steps of a series from its last window.</summary>
    /// <param name="series">The name of the series (the value of a key, the digits of a number); null if the model has no series column.</param>
    /// <param name="horizon">Steps to forecast, at least 1; null for the trained horizon. Beyond it, forecasts are used as observations, which requires a model
    /// without past covariates.</param>
    /// <param name="confidenceLevel">The target coverage of the bounds; null for the level of training.</param>
    /// <exception cref="ArgumentException">The series was not observed, an argument is out of range, or the model does not support the request; the message
    /// says what.</exception>
    /// <exception cref="InvalidOperationException">The series has too few observations.</exception>
    public SeriesForecast Predict(string? series = null, int? horizon = null, float? confidenceLevel = null)
    {
        CheckNothingAhead(nameof(series));
        return Foresee(null, series, horizon, confidenceLevel);
    }

    /// <summary>Forecasts the next steps of a series from its last window and its future covariates.</summary>
    /// <param name="future">The rows of the next steps, with the input columns of the pipeline; targets and past covariates may be NaN. Only the rows of the
    /// series after its last observation are read (all rows of the series if the model has no time column), in time order.</param>
    /// <param name="series">The name of the series (the value of a key, the digits of a number); null if the model has no series column.</param>
    /// <param name="horizon">Steps to forecast, at least 1; null for the trained horizon. Beyond it, further rows are needed, up to a whole number of trained
    /// horizons.</param>
    /// <param name="confidenceLevel">The target coverage of the bounds; null for the level of training.</param>
    /// <inheritdoc cref="Predict(string?, int?, float?)" path="/exception"/>
    public SeriesForecast Predict(IDataView future, string? series = null, int? horizon = null, float? confidenceLevel = null)
    {
        ArgumentNullException.ThrowIfNull(future);
        return Foresee(future, series, horizon, confidenceLevel);
    }

    /// <summary>
    /// Forecasts the next steps of all series with enough observations, many per run of the graph: much faster than one by one. Series with too few
    /// observations are left out.
    /// </summary>
    /// <param name="horizon">Steps to forecast, at least 1; null for the trained horizon, as in <see cref="Predict(string?, int?, float?)"/>.</param>
    /// <param name="confidenceLevel">The target coverage of the bounds; null for the level of training.</param>
    /// <returns>The forecasts by series name; one empty name if the model has no series column.</returns>
    /// <exception cref="ArgumentException">An argument is out of range, or the model does not support the request; the message says what.</exception>
    public IReadOnlyDictionary<string, SeriesForecast> PredictAll(int? horizon = null, float? confidenceLevel = null)
    {
        CheckNothingAhead(nameof(horizon));
        return ForeseeAll(null, horizon, confidenceLevel);
    }

    /// <summary>Forecasts the next steps of all series with enough observations and future rows.</summary>
    /// <param name="future">The rows of the next steps of all series, as in <see cref="Predict(IDataView, string?, int?, float?)"/>; series without rows after
    /// their last observation are left out.</param>
    /// <param name="horizon">Steps to forecast, at least 1; null for the trained horizon.</param>
    /// <param name="confidenceLevel">The target coverage of the bounds; null for the level of training.</param>
    /// <inheritdoc cref="PredictAll(int?, float?)"/>
    public IReadOnlyDictionary<string, SeriesForecast> PredictAll(IDataView future, int? horizon = null, float? confidenceLevel = null)
    {
        ArgumentNullException.ThrowIfNull(future);
        return ForeseeAll(future, horizon, confidenceLevel);
    }

    /// <summary>
    /// Draws sample paths of the next steps of a series, from the distribution of the likelihood or, for Point, from the calibration residuals around the
    /// forecast (requires bounds). A step-by-step forecaster trained with teacher forcing draws each step given the previous samples (ancestral sampling,
    /// Salinas et al. 2020). Others draw each step from its own distribution, with neighboring steps coupled by a Gaussian copula whose correlations are
    /// estimated on the validation windows.
    /// </summary>
    /// <param name="series">The name of the series (the value of a key, the digits of a number); null if the model has no series column.</param>
    /// <param name="count">Number of paths, at least 1.</param>
    /// <param name="seed">Random seed: the same seed gives the same paths; null for different ones each time.</param>
    /// <param name="future">The rows of the next steps, if the model has future covariates.</param>
    /// <returns>The paths by target, each of horizon numbers, with the times of the steps.</returns>
    /// <inheritdoc cref="Predict(string?, int?, float?)" path="/exception"/>
    public SeriesSamples Sample(string? series = null, int count = 100, int? seed = null, IDataView? future = null)
    {
        if (count < 1) throw new ArgumentOutOfRangeException(nameof(count), count, "The number of paths must be at least 1.");
        if (future is null) CheckNothingAhead(nameof(future));
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        SeriesPredictor sampler;
        lock (_gate) sampler = _sampler ??= new(SamplingModel.Create(_forecaster.Model), _forecaster.Scoring, _state.Layout);
        return Foresee(sampler, future, series, Manifest.Forecast!.Horizon, workspace => sampler.Draw(workspace, count, (ulong)(seed ?? Random.Shared.Next())));
    }

    private void CheckNothingAhead(string parameterName)
    {
        if (_predictor.FutureWidth > 0)
            throw new ArgumentException(
                "The model was trained with columns that are known ahead (Input.FutureCovariateColumnNames): call Predict(future, ...) with the rows of the "
                    + "steps "
                    + "to come.", parameterName);
    }

    private SeriesForecast Foresee(IDataView? future, string? series, int? horizon, float? confidenceLevel)
    {
        var (steps, stretch) = Check(horizon, confidenceLevel);
        var predictor = PredictorAt(confidenceLevel);
        return Foresee(predictor, future, series, steps, workspace => predictor.Predict(workspace, 1, steps, stretch)[0],
            confidenceLevel ?? Manifest.Forecast!.ConfidenceLevel);
    }

    private T Foresee<T>(SeriesPredictor predictor, IDataView? future, string? series, int steps, Func<SeriesPredictor.Workspace, T> use, float? level = null)
    {
        var ahead = ReadFuture(future);
        var workspace = predictor.Rent(1);
        try
        {
            string name;
            AdaptedForecast? adapted;
            lock (_gate)
            {
                var id = Find(series);
                var history = _state[id];
                if (!history.IsReady) throw new InvalidOperationException($"The series{(series is null ? "" : $" '{series}'")} has {history.MissingReason}.");
                name = NameOf(_state, id);
                _reader?.Finish();
                workspace.History(0).CopyFrom(history);
                adapted = level is { } known ? history.Adapt(known) : null;
            }
            workspace.Put(0, name, ahead?.After(name, workspace.History(0).Time, predictor.FutureRowCount(steps)), adapted);
            if (ahead is not null) CheckAhead(workspace.Future(0).Values, name, steps);
            var answer = use(workspace);
            Keep(workspace, 1);
            return answer;
        }
        finally
        {
            workspace.Return();
        }
    }

    private Dictionary<string, SeriesForecast> ForeseeAll(IDataView? future, int? horizon, float? confidenceLevel)
    {
        var (steps, stretch) = Check(horizon, confidenceLevel);
        var ahead = ReadFuture(future);
        var forecasts = new Dictionary<string, SeriesForecast>(StringComparer.Ordinal);
        var names = new List<string>();
        var predictor = PredictorAt(confidenceLevel);
        var workspace = predictor.Rent(predictor.Capacity);
        try
        {
            SeriesState state;
            lock (_gate) state = _state;
            for (int id = 0, series = int.MaxValue; id < series;)
            {
                names.Clear();
                lock (_gate)
                {
                    _reader?.Finish();
                    for (series = state.Count; id < series && names.Count < predictor.Capacity; id++)
                    {
                        var history = state[id];
                        if (!history.IsReady) continue;
                        var name = NameOf(state, id);
                        var known = ahead?.After(name, history.Time, predictor.FutureRowCount(steps));
                        if (known is { Values.Length: 0 }) continue;
                        workspace.Put(names.Count, name, known, history.Adapt(confidenceLevel ?? Manifest.Forecast!.ConfidenceLevel));
                        workspace.History(names.Count).CopyFrom(history);
                        names.Add(name);
                    }
                }
                for (var i = 0; ahead is not null && i < names.Count; i++) CheckAhead(workspace.Future(i).Values, names[i], steps);
                var answers = predictor.Predict(workspace, names.Count, steps, stretch);
                for (var i = 0; i < answers.Length; i++) forecasts[names[i]] = answers[i];
                Keep(workspace, answers.Length);
            }
            return forecasts;
        }
        finally
        {
            workspace.Return();
        }
    }

    // Bounds that follow the outcomes wait for them.
    private void Keep(SeriesPredictor.Workspace workspace, int count)
    {
        lock (_gate)
        {
            for (var i = 0; i < count; i++) workspace.Adapted(i)?.Keep();
        }
    }

    private (int Steps, Func<int, float> Stretch) Check(int? horizon, float? confidenceLevel)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        var trained = Manifest.Forecast!.Horizon;
        var steps = horizon ?? trained;
        if (steps < 1) throw new ArgumentOutOfRangeException(nameof(horizon), horizon, "The horizon must be at least 1.");
        var stretch = BoundStretch(confidenceLevel);
        if (steps > trained && _state.Layout.Inputs.Any(input => input.Role is SeriesRole.Past))
            throw new ArgumentOutOfRangeException(nameof(horizon), horizon,
                $"The model was trained for {trained} steps and has past covariates, whose future is unknown: forecast at most {trained} steps.");
        return (steps, stretch);
    }

    private FutureRows? ReadFuture(IDataView? future)
    {
        if (future is null || _predictor.FutureWidth == 0) return null;
        foreach (var transformer in _before) future = transformer.Transform(future);
        return FutureRows.ReadInTime(future, Manifest, _duplicates, LastTime);
    }

    private void CheckAhead(ReadOnlySpan<float> columns, string name, int steps)
    {
        var (rows, width, trained) = (_predictor.FutureRowCount(steps), _predictor.FutureWidth, Manifest.Forecast!.Horizon);
        var of = name.Length == 0 ? "" : $" of the series '{name}'";
        if (columns.Length < rows * width)
            throw new ArgumentException(
                $"A forecast of {steps} steps needs {rows} rows ({(rows == trained ? "one trained horizon" : $"whole trained horizons of {trained}")}) after "
                    + $"the last observation{of}; {columns.Length / width} were given.", "future");
        for (var at = 0; !Manifest.Forecast.AllowsMissing && at < rows * width; at++)
        {
            if (float.IsFinite(columns[at])) continue;
            throw new ArgumentException(
                $"The column '{_predictor.FutureName(at % width)}' of future covariates holds {columns[at]} in row {at / width + 1} after the last "
                    + $"observation{of}: " +
                "fill it in, or train with MissingValues.Handling = Mask, which lets numbers be missing.", "future");
        }
    }

    /// <summary>
    /// Saves the pipeline with the state of all series to a file. Load it with <c>mlContext.Model.Load</c> and create an engine to continue. An existing file
    /// is replaced only after the new one is complete.
    /// </summary>
    /// <param name="environment">The MLContext.</param>
    /// <param name="path">The file.</param>
    public void CheckPoint(IHostEnvironment environment, string path)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        SeriesState state;
        lock (_gate) state = Copy();
        using var forecaster = new RecurrentForecastingTransformer(environment, _forecaster.Model, state);
        var chain = new TransformerChain<ITransformer>([.. _before, forecaster]);
        AtomicFile.Write(path, stream => new ModelOperationsCatalog(environment).Save(chain, inputSchema: null, stream));
    }

    /// <summary>
    /// Releases the shared ONNX Runtime session; the model remains usable. A checkpoint can still be written, for example at server shutdown.
    /// </summary>
    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        _predictor.Dispose();
        lock (_gate)
        {
            _reader?.Dispose();
            _sampler?.Dispose();
            foreach (var predictor in _levels.Values) predictor.Dispose();
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

    private string NameOf(SeriesState state, int series) => Manifest.Forecast!.SeriesKey.IsEmpty ? "" : state.Index.Names[series];

    // The index of an observed series.
    private int Find(string? series) => FindOrNull(series) ?? throw new ArgumentException(_state.Count == 0
        ? "The engine has no observations: call Observe with at least one window of rows."
        : $"The series '{series}' was not observed.{_state.Index.Near(series!)}", nameof(series));

    private int? FindOrNull(string? series)
    {
        var key = Manifest.Forecast!.SeriesKey;
        return !key.IsEmpty
            ? series is not null
                ? _state.Index.Find(series)
                : throw new ArgumentNullException(nameof(series),
                    $"The model identifies series by the column{(key.Length > 1 ? "s" : "")} '{string.Join("', '", key)}': name "
                        + $"one{(key.Length > 1 ? ", the values of the columns joined by '|'" : "")}.")
            : series is null || series.Length == 0 ? (_state.Count > 0 ? 0 : null)
            : throw new ArgumentException("The model was trained without a series column: omit the series.", nameof(series));
    }

    // Bounds that are quantiles are not scaled: the graph of another level has them.
    private SeriesPredictor PredictorAt(float? level)
    {
        if (level is not { } wanted || !Manifest.Forecast!.CalibratesLevels || wanted == Manifest.Forecast.ConfidenceLevel) return _predictor;
        lock (_gate)
        {
            if (_levels.TryGetValue(wanted, out var known)) return known;
            var predictor = new SeriesPredictor(LevelModel.Create(_forecaster.Model, wanted), _forecaster.Scoring, _state.Layout);
            _levels.Add(wanted, predictor);
            return predictor;
        }
    }

    // The factor that scales the bounds of each output from the trained level to another level.
    private Func<int, float> BoundStretch(float? level)
    {
        var forecast = Manifest.Forecast!;
        if (level is null) return static _ => 1;
        if (!(level is > 0 and < 1)) throw new ArgumentOutOfRangeException("confidenceLevel", level, "The confidence level must lie between 0 and 1.");
        if (forecast.LowerBoundColumn is null)
            throw new ArgumentException("The model was trained without bounds: set the columns of the bounds in the options of the trainer.",
                "confidenceLevel");
        if (level == forecast.ConfidenceLevel) return static _ => 1;
        // Its graph has the bounds of the level: see PredictorAt.
        if (forecast.CalibratesLevels) return static _ => 1;
        if (forecast.ResidualQuantiles.IsEmpty)
            throw new ArgumentException($"The model learned the quantiles of its bounds for the level {forecast.ConfidenceLevel} only.",
                "confidenceLevel");
        if (forecast.CalibrationCount > 0 && !ConformalCalibration.Holds(forecast.CalibrationCount, level.Value)) return static _ => float.NaN;
        var (wanted, trained) = (ResidualQuantiles.At(forecast, level.Value), ResidualQuantiles.At(forecast, forecast.ConfidenceLevel));
        return output => trained[output] > 0 ? wanted[output] / trained[output] : 1;
    }
}
