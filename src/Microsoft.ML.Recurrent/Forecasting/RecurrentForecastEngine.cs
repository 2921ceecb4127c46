using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Forecasts of many series, kept up to date: it takes new observations one at a time or in bulk, remembers each series' last window, and foresees any horizon.
/// Thread-safe: one engine serves a whole application (as a singleton of ASP.NET's dependency injection, say).
/// </summary>
/// <example><code>
/// using var engine = model.CreateForecastEngine(mlContext);
/// engine.Observe(history);                                  // an IDataView
/// engine.Observe(new Reading { Sensor = "a", Value = 3 });  // one row
/// var next = engine.Predict("a").Values;
/// engine.CheckPoint(mlContext, "engine.zip");               // mlContext.Model.Load and CreateForecastEngine go on from there
/// </code></example>
public sealed class RecurrentForecastEngine : IDisposable
{
    private readonly IHost _host;
    private readonly ITransformer[] _before;
    private readonly RecurrentForecastingTransformer _forecaster;
    private readonly SeriesPredictor _predictor;
    private readonly SeriesState _state;
    private readonly Lock _gate = new();
    private readonly Dictionary<Type, object> _rows = [];
    private SeriesPredictor? _sampler;
    private bool _disposed;

    private RecurrentForecastEngine(IHostEnvironment environment, ITransformer[] before, RecurrentForecastingTransformer forecaster)
    {
        _host = environment.Register(nameof(RecurrentForecastEngine));
        (_before, _forecaster) = (before, forecaster);
        _state = forecaster.State?.Clone() ?? new SeriesState(Manifest);
        _predictor = new(forecaster.Model, forecaster.Scoring, _state.Layout);
    }

    /// <summary>
    /// The names of the series that were observed (a key by its value, a number as digits); one empty name where the model knows no series column.
    /// </summary>
    public IReadOnlyList<string> Series
    {
        get
        {
            lock (_gate) return !Manifest.Forecast!.SeriesKey.IsEmpty ? [.. _state.Index.Names] : _state.Count > 0 ? [""] : [];
        }
    }

    private ModelManifest Manifest => _forecaster.Model.Manifest;

    internal static RecurrentForecastEngine Create(IHostEnvironment environment, ITransformer transformer)
    {
        var chain = Flatten(transformer).ToArray();
        if (chain is not [.. var before, RecurrentForecastingTransformer forecaster])
            throw new ArgumentException(
                $"A forecast engine needs a recurrent forecaster, or a pipeline that ends in one; this one ends "
                    + $"in {chain.LastOrDefault()?.GetType().Name ?? "nothing"}.", nameof(transformer));
        if (forecaster.Model.Manifest.Forecast!.RowsHoldWindows)
            throw new ArgumentException(
                "The forecaster was trained on rows that hold windows: each row is scored by itself, through mlContext.Model.CreatePredictionEngine.",
                nameof(transformer));
        return new(environment, before, forecaster);
    }

    /// <summary>
    /// Takes rows in, in their order: within a series from early to late. All of them, or, where one is at fault, none. Meanwhile other threads predict as if
    /// the rows were not there yet.
    /// </summary>
    /// <param name="rows">Rows with the columns that the pipeline was trained on.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or a row is earlier than one before it.</exception>
    public void Observe(IDataView rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        foreach (var transformer in _before) rows = transformer.Transform(rows);
        var columns = SeriesCollector.Check(Manifest, rows.Schema);
        using var cursor = rows.GetRowCursor(columns.DistinctBy(column => column.Index));
        var observed = new SeriesState(Manifest);
        var observer = new SeriesObserver(cursor, Manifest, observed);
        while (cursor.MoveNext()) observer.Observe();
        lock (_gate) _state.Append(observed, rows.Schema);
    }

    /// <summary>Takes one row in.</summary>
    /// <typeparam name="TRow">A class whose properties are the columns, as for <c>LoadFromEnumerable</c>.</typeparam>
    /// <param name="row">The row, not earlier than those of its series before it.</param>
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
            throw new ArgumentException("Observe takes one row, or many as an IDataView: pass mlContext.Data.LoadFromEnumerable(rows).", nameof(row));
        lock (_gate)
        {
            if (!_rows.TryGetValue(typeof(TRow), out var known)) _rows.Add(typeof(TRow), known = new RowObserver<TRow>(_host, _before, Manifest, _state));
            ((RowObserver<TRow>)known).Observe(row);
        }
    }

    /// <summary>Foresees the next steps of a series from its last window.</summary>
    /// <param name="series">The series' name (a key's value, a number as digits); null where the model knows no series column.</param>
    /// <param name="horizon">
    /// Steps, at least 1; null for as many as were trained. Beyond those the forecasts themselves are taken as observations, which needs a model without
    /// covariates of the past.
    /// </param>
    /// <param name="confidenceLevel">The share of values that the bounds are meant to enclose; null for the level that the model was trained for.</param>
    /// <exception cref="ArgumentException">The series was never observed, an argument is out of range, or the model cannot do what is asked; the message says
    /// what.</exception>
    /// <exception cref="InvalidOperationException">The series has too few observations to be forecast from.</exception>
    public SeriesForecast Predict(string? series = null, int? horizon = null, float? confidenceLevel = null)
    {
        CheckNothingAhead(nameof(series));
        return Foresee(null, series, horizon, confidenceLevel);
    }

    /// <summary>Foresees the next steps of a series from its last window and from what is known of the steps to come.</summary>
    /// <param name="future">
    /// The rows of the steps to come, with the columns that the pipeline was trained on; targets and other columns of the past may hold NaN. Of them the rows
    /// of the series that are later than its last observation are read (all of the series where the model knows no time column), in time order.
    /// </param>
    /// <param name="series">The series' name (a key's value, a number as digits); null where the model knows no series column.</param>
    /// <param name="horizon">Steps, at least 1; null for as many as were trained. Beyond those, further rows are needed, up to a whole number of trained
    /// horizons.</param>
    /// <param name="confidenceLevel">The share of values that the bounds are meant to enclose; null for the level that the model was trained for.</param>
    /// <inheritdoc cref="Predict(string?, int?, float?)" path="/exception"/>
    public SeriesForecast Predict(IDataView future, string? series = null, int? horizon = null, float? confidenceLevel = null)
    {
        ArgumentNullException.ThrowIfNull(future);
        return Foresee(future, series, horizon, confidenceLevel);
    }

    /// <summary>
    /// Foresees the next steps of all series that have enough observations, many in one run of the graph: much faster than one by one. Series with too few
    /// observations are left out.
    /// </summary>
    /// <param name="horizon">Steps, at least 1; null for as many as were trained, as in <see cref="Predict(string?, int?, float?)"/>.</param>
    /// <param name="confidenceLevel">The share of values that the bounds are meant to enclose; null for the level that the model was trained for.</param>
    /// <returns>The forecasts by the series' names; one empty name where the model knows no series column.</returns>
    /// <exception cref="ArgumentException">An argument is out of range, or the model cannot do what is asked; the message says what.</exception>
    public IReadOnlyDictionary<string, SeriesForecast> PredictAll(int? horizon = null, float? confidenceLevel = null)
    {
        CheckNothingAhead(nameof(horizon));
        return ForeseeAll(null, horizon, confidenceLevel);
    }

    /// <summary>The same of all series that have rows of the steps to come.</summary>
    /// <param name="future">The rows of the steps to come, of all series, as in <see cref="Predict(IDataView, string?, int?, float?)"/>; series without any
    /// later than their last observation are left out.</param>
    /// <param name="horizon">Steps, at least 1; null for as many as were trained.</param>
    /// <param name="confidenceLevel">The share of values that the bounds are meant to enclose; null for the level that the model was trained for.</param>
    /// <inheritdoc cref="PredictAll(int?, float?)"/>
    public IReadOnlyDictionary<string, SeriesForecast> PredictAll(IDataView future, int? horizon = null, float? confidenceLevel = null)
    {
        ArgumentNullException.ThrowIfNull(future);
        return ForeseeAll(future, horizon, confidenceLevel);
    }

    /// <summary>
    /// Draws paths that the next steps of a series may take, from the distribution of the likelihood, or with Point from the calibration's residuals around the
    /// forecast (it needs bounds). A forecaster that goes step by step and was trained by the truth draws each step given what was drawn before (ancestral
    /// sampling, Salinas et al. 2020). Others draw each step from its own distribution, neighbouring steps tied by a Gaussian copula whose correlations the
    /// validation windows told.
    /// </summary>
    /// <param name="series">The series' name (a key's value, a number as digits); null where the model knows no series column.</param>
    /// <param name="count">How many paths, at least 1.</param>
    /// <param name="seed">The same seed gives the same paths; null gives others each time.</param>
    /// <param name="future">The rows of the steps to come, where the model was trained with columns that are known ahead.</param>
    /// <returns>The paths, each of horizon x targets numbers, step by step.</returns>
    /// <inheritdoc cref="Predict(string?, int?, float?)" path="/exception"/>
    public float[][] Sample(string? series = null, int count = 100, int? seed = null, IDataView? future = null)
    {
        if (count < 1) throw new ArgumentOutOfRangeException(nameof(count), count, "At least 1 path has to be drawn.");
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
        return Foresee(_predictor, future, series, steps, workspace => _predictor.Predict(workspace, 1, steps, stretch)[0]);
    }

    private T Foresee<T>(SeriesPredictor predictor, IDataView? future, string? series, int steps, Func<SeriesPredictor.Workspace, T> use)
    {
        var ahead = ReadFuture(future);
        var workspace = predictor.Rent(1);
        try
        {
            string name;
            lock (_gate)
            {
                var id = Find(series);
                var history = _state[id];
                if (!history.IsReady) throw new InvalidOperationException($"The series{(series is null ? "" : $" '{series}'")} has {history.MissingReason}.");
                name = NameOf(id);
                workspace.History(0).CopyFrom(history);
            }
            if (ahead is not null) workspace.Put(0, ahead.After(name, workspace.History(0).Time));
            if (ahead is not null) CheckAhead(workspace.Columns(0), name, steps);
            return use(workspace);
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
        var workspace = _predictor.Rent(_predictor.Capacity);
        try
        {
            for (int id = 0, series = int.MaxValue; id < series;)
            {
                names.Clear();
                lock (_gate)
                {
                    for (series = _state.Count; id < series && names.Count < _predictor.Capacity; id++)
                    {
                        var history = _state[id];
                        if (!history.IsReady) continue;
                        if (ahead is not null && ahead.After(NameOf(id), history.Time) is var known)
                        {
                            if (known.Length == 0) continue;
                            workspace.Put(names.Count, known);
                        }
                        workspace.History(names.Count).CopyFrom(history);
                        names.Add(NameOf(id));
                    }
                }
                for (var i = 0; ahead is not null && i < names.Count; i++) CheckAhead(workspace.Columns(i), names[i], steps);
                var answers = _predictor.Predict(workspace, names.Count, steps, stretch);
                for (var i = 0; i < answers.Length; i++) forecasts[names[i]] = answers[i];
            }
            return forecasts;
        }
        finally
        {
            workspace.Return();
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
                $"The model was trained for {trained} steps and has covariates of the past, whose future is not known: ask for at most {trained} steps.");
        return (steps, stretch);
    }

    private FutureRows? ReadFuture(IDataView? future)
    {
        if (future is null || _predictor.FutureWidth == 0) return null;
        foreach (var transformer in _before) future = transformer.Transform(future);
        return FutureRows.ReadInTime(future, Manifest);
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
                $"The column '{_predictor.FutureName(at % width)}', which is known ahead, holds {columns[at]} in row {at / width + 1} after the last "
                    + $"observation{of}: " +
                "fill it in, or train with MissingValues.Handling = Mask, which lets numbers be missing.", "future");
        }
    }

    /// <summary>
    /// Writes the pipeline with the state of all series to a file; an engine made of the model that <c>mlContext.Model.Load</c> reads from it goes on from
    /// there. A file that was there before is replaced at once when the new one is whole.
    /// </summary>
    /// <param name="environment">The MLContext.</param>
    /// <param name="path">The file.</param>
    public void CheckPoint(IHostEnvironment environment, string path)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        SeriesState state;
        lock (_gate) state = _state.Clone();
        using var forecaster = new RecurrentForecastingTransformer(environment, _forecaster.Model, state);
        var chain = new TransformerChain<ITransformer>([.. _before, forecaster]);
        AtomicFile.Write(path, stream =>
        {
            // A zip archive is written back and forth, which not every stream allows.
            using var buffer = new MemoryStream();
            new ModelOperationsCatalog(environment).Save(chain, inputSchema: null, buffer);
            buffer.WriteTo(stream);
        });
    }

    /// <summary>
    /// Returns the engine's share in the session of ONNX Runtime; the model it was made of goes on working. A checkpoint can still be written, as at a server's
    /// end.
    /// </summary>
    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        _predictor.Dispose();
        lock (_gate) _sampler?.Dispose();
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [transformer];

    private string NameOf(int series) => Manifest.Forecast!.SeriesKey.IsEmpty ? "" : _state.Index.Names[series];

    // The number of a series that was observed.
    private int Find(string? series)
    {
        var key = Manifest.Forecast!.SeriesKey;
        var known = !key.IsEmpty
            ? series is not null
                ? _state.Index.Find(series)
                : throw new ArgumentNullException(nameof(series),
                    $"The model knows series by the column{(key.Length > 1 ? "s" : "")} '{string.Join("', '", key)}': name "
                        + $"one{(key.Length > 1 ? ", the columns' values joined by '|'" : "")}.")
            : series is null || series.Length == 0 ? (_state.Count > 0 ? 0 : null)
            : throw new ArgumentException("The model was trained without a series column: leave the series out.", nameof(series));
        return known ?? throw new ArgumentException(_state.Count == 0
            ? "Nothing was observed yet: give the engine at least a window of rows by Observe."
            : $"The series '{series}' was never observed.{_state.Index.Near(series!)}", nameof(series));
    }

    // By how much the bounds of the trained level are stretched at each output for another level.
    private Func<int, float> BoundStretch(float? level)
    {
        var forecast = Manifest.Forecast!;
        if (level is null) return static _ => 1;
        if (!(level is > 0 and < 1)) throw new ArgumentOutOfRangeException("confidenceLevel", level, "A confidence level lies between 0 and 1.");
        if (forecast.LowerBoundColumn is null)
            throw new ArgumentException("The model was trained without bounds: name the bounds' columns in the trainer's options.", "confidenceLevel");
        if (level == forecast.ConfidenceLevel) return static _ => 1;
        if (forecast.ResidualQuantiles.IsEmpty)
            throw new ArgumentException($"The model learned the quantiles of its bounds' level, {forecast.ConfidenceLevel}: there are bounds of no other.",
                "confidenceLevel");
        var (wanted, trained) = (ResidualQuantiles.At(forecast, level.Value), ResidualQuantiles.At(forecast, forecast.ConfidenceLevel));
        return output => trained[output] > 0 ? wanted[output] / trained[output] : 1;
    }
}
