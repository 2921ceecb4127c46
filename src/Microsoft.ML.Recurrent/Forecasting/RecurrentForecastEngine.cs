using Microsoft.ML.Data;
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
public sealed partial class RecurrentForecastEngine : IDisposable
{
    private readonly IHost _host;
    private readonly ITransformer[] _before;
    private readonly RecurrentForecastingTransformer _forecaster;
    private readonly SeriesPredictor _predictor;
    private readonly DuplicateTimes _duplicates;
    private readonly TimeJumpLimit _limit;
    // Of the state; and of those who change it, one after the other.
    private readonly Lock _gate = new(), _changes = new();
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
}
