using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Autograd;
using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Onnx;
using Microsoft.ML.Recurrent.Scoring;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Recurrent;

/// <summary>
/// Forecasts of many series, kept up to date: it takes new observations one at a time or in bulk, remembers each series' last window, and foresees any horizon. Thread-safe: one
/// engine serves a whole application (as a singleton of ASP.NET's dependency injection, say).
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
    private readonly GraphScorer _scorer;
    private readonly SeriesState _state;
    private readonly Lock _gate = new();
    private readonly ConcurrentBag<ScoringBatch> _batches = [];
    private readonly Dictionary<Type, object> _rows = [];
    private readonly WindowFill _fill;
    private readonly AheadRows _ahead;

    private RecurrentForecastEngine(IHostEnvironment environment, ITransformer[] before, RecurrentForecastingTransformer forecaster)
    {
        _host = environment.Register(nameof(RecurrentForecastEngine));
        (_before, _forecaster) = (before, forecaster);
        _state = forecaster.State?.Clone(Manifest) ?? new SeriesState(Manifest);
        _fill = new(Manifest, _state.Layout);
        _ahead = new(Manifest, _state.Layout);
        _scorer = new(forecaster.Model, forecaster.Scoring with { BatchSize = 1 });
    }

    /// <summary>The names of the series that were observed (a key by its value, a number as digits); one empty name where the model knows no series column.</summary>
    public IReadOnlyList<string> Series
    {
        get
        {
            lock (_gate) return !Manifest.Forecast!.SeriesKey.IsEmpty ? [.. _state.Index.Names] : _state.Count > 0 ? [""] : [];
        }
    }

    /// <summary>Numbers a row that are known ahead by columns.</summary>
    private int Ahead => _ahead.Columns.Width;

    private ModelManifest Manifest => _forecaster.Model.Manifest;

    internal static RecurrentForecastEngine Create(IHostEnvironment environment, ITransformer transformer)
    {
        var chain = Flatten(transformer).ToArray();
        if (chain is not [.. var before, RecurrentForecastingTransformer forecaster])
            throw new ArgumentException($"A forecast engine needs a recurrent forecaster, or a pipeline that ends in one; this one ends in {chain.LastOrDefault()?.GetType().Name ?? "nothing"}.", nameof(transformer));
        if (forecaster.Model.Manifest.Forecast!.RowsHoldWindows)
            throw new ArgumentException("The forecaster was trained on rows that hold windows: each row is scored by itself, through mlContext.Model.CreatePredictionEngine.", nameof(transformer));
        return new(environment, before, forecaster);
    }

    /// <summary>Takes rows in, in their order: within a series from early to late.</summary>
    /// <param name="rows">Rows with the columns that the pipeline was trained on.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or a row is earlier than one before it.</exception>
    public void Observe(IDataView rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        foreach (var transformer in _before) rows = transformer.Transform(rows);
        var columns = SeriesCollector.Check(Manifest, rows.Schema);
        using var cursor = rows.GetRowCursor(columns.DistinctBy(column => column.Index));
        lock (_gate)
        {
            var observer = new SeriesObserver(cursor, Manifest, _state);
            while (cursor.MoveNext()) observer.Observe();
        }
    }

    /// <summary>Takes one row in.</summary>
    /// <typeparam name="TRow">A class whose properties are the columns, as for <c>LoadFromEnumerable</c>.</typeparam>
    /// <param name="row">The row, not earlier than those of its series before it.</param>
    /// <inheritdoc cref="Observe(IDataView)" path="/exception"/>
    public void Observe<TRow>(TRow row)
        where TRow : class
    {
        ArgumentNullException.ThrowIfNull(row);
        lock (_gate)
        {
            if (!_rows.TryGetValue(typeof(TRow), out var known)) _rows.Add(typeof(TRow), known = new RowInput<TRow>(this));
            ((RowInput<TRow>)known).Observe(row);
        }
    }

    /// <summary>Foresees the next steps of a series from its last window.</summary>
    /// <param name="series">The series' name (a key's value, a number as digits); null where the model knows no series column.</param>
    /// <param name="horizon">
    /// Steps, at least 1; null for as many as were trained. Beyond those the forecasts themselves are taken as observations, which needs a model without covariates of the past.
    /// </param>
    /// <param name="confidenceLevel">The share of values that the bounds are meant to enclose; null for the level that the model was trained for.</param>
    /// <exception cref="ArgumentException">The series was never observed, an argument is out of range, or the model cannot do what is asked; the message says what.</exception>
    /// <exception cref="InvalidOperationException">The series has too few observations to be forecast from.</exception>
    public SeriesForecast Predict(string? series = null, int? horizon = null, float? confidenceLevel = null)
    {
        if (Ahead > 0)
            throw new ArgumentException("The model was trained with columns that are known ahead (FutureCovariateColumnNames): call Predict(future, ...) with the rows of the steps to come.", nameof(series));
        return Foresee(null, series, horizon, confidenceLevel);
    }

    /// <summary>Foresees the next steps of a series from its last window and from what is known of the steps to come.</summary>
    /// <param name="future">
    /// The rows of the steps to come, with the columns that the pipeline was trained on; targets and other columns of the past may hold NaN. Of them the rows of the series that are later
    /// than its last observation are read (all of the series where the model knows no time column), in time order.
    /// </param>
    /// <param name="series">The series' name (a key's value, a number as digits); null where the model knows no series column.</param>
    /// <param name="horizon">Steps, at least 1; null for as many as were trained. Beyond those, further rows are needed, up to a whole number of trained horizons.</param>
    /// <param name="confidenceLevel">The share of values that the bounds are meant to enclose; null for the level that the model was trained for.</param>
    /// <inheritdoc cref="Predict(string?, int?, float?)" path="/exception"/>
    public SeriesForecast Predict(IDataView future, string? series = null, int? horizon = null, float? confidenceLevel = null)
    {
        ArgumentNullException.ThrowIfNull(future);
        foreach (var transformer in _before) future = transformer.Transform(future);
        return Foresee(future, series, horizon, confidenceLevel, nameof(future));
    }

    /// <summary>
    /// Draws paths that the next steps of a series may take. Each step follows its own distribution: with the likelihoods Gaussian and NegativeBinomial that of the mean and the standard deviation (the model
    /// needs <see cref="RecurrentForecastingEstimator.Options.StandardDeviationColumnName"/>), else that of the calibration's residuals around the forecast (it needs bounds). Neighbouring steps are tied by
    /// a Gaussian copula whose correlations were found when the bounds were calibrated; without bounds, steps are drawn independently of one another, and sums over them vary too little.
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
        var sampler = new ForecastSampler(Manifest.Forecast!, future is null ? Predict(series) : Predict(future, series));
        var random = new RandomStream((ulong)(seed ?? Random.Shared.Next()), "samples");
        return [.. Enumerable.Range(0, count).Select(_ => sampler.Draw(random))];
    }

    private SeriesForecast Foresee(IDataView? future, string? series, int? horizon, float? confidenceLevel, string parameterName = "")
    {
        var forecast = Manifest.Forecast!;
        var targets = forecast.Targets.Length;
        var steps = horizon ?? forecast.Horizon;
        if (steps < 1) throw new ArgumentOutOfRangeException(nameof(horizon), horizon, "The horizon must be at least 1.");
        var stretch = BoundStretch(confidenceLevel);
        var history = Snapshot(series);
        if (steps > forecast.Horizon && _state.Layout.Inputs.Any(input => input.Role is SeriesRole.Past))
            throw new ArgumentOutOfRangeException(nameof(horizon), horizon, $"The model was trained for {forecast.Horizon} steps and has covariates of the past, whose future is not known: ask for at most {forecast.Horizon} steps.");

        float[] columns = future is null || Ahead == 0 ? [] : FutureRows.Read(future, Manifest, series, history.Time);
        var needed = (steps + forecast.Horizon - 1) / forecast.Horizon * forecast.Horizon;
        if (Ahead > 0 && columns.Length < needed * Ahead)
            throw new ArgumentException($"A forecast of {steps} steps needs {needed} rows after the last observation{(series is null ? "" : $" of the series '{series}'")}; {columns.Length / Ahead} were given.", parameterName);
        if (!forecast.AllowsMissing && Array.FindIndex(columns, 0, needed * Ahead, value => !float.IsFinite(value)) is >= 0 and var at)
        {
            throw new ArgumentException($"The column '{_ahead.Columns.NameAt(at % Ahead)}', which is known ahead, holds {columns[at]} in row {at / Ahead + 1} after the last observation{(series is null ? "" : $" of the series '{series}'")}: " +
                "fill it in, or train with MissingValues = Mask, which lets numbers be missing.", parameterName);
        }

        var known = new float[needed * _ahead.Width];
        if (known.Length > 0) _ahead.Write(history.Time, columns, needed, known);
        var bounds = forecast.LowerBoundColumn is not null;
        var values = new float[steps * targets];
        float[] lower = bounds ? new float[values.Length] : [], upper = bounds ? new float[values.Length] : [];
        lower.AsSpan().Fill(float.NaN);
        upper.AsSpan().Fill(float.NaN);
        // The last of the outputs, where there is one.
        var deviations = forecast.HasDeviations ? new float[values.Length] : [];
        deviations.AsSpan().Fill(float.NaN);
        var row = history.Last.ToArray();
        var batch = _batches.TryTake(out var free) ? free : new ScoringBatch(Manifest, capacity: 1);
        for (var done = 0; done < values.Length; done += forecast.Horizon * targets)
        {
            batch.Clear();
            var example = _fill.Add(batch, history, known.AsSpan(done / targets * _ahead.Width));
            _scorer.Run(batch);
            var answer = batch.Floats(example, 0);
            var count = Math.Min(answer.Length, values.Length - done);
            answer[..count].CopyTo(values.AsSpan(done));
            for (var i = 0; done == 0 && bounds && i < count; i++)
            {
                lower[i] = answer[i] - (answer[i] - batch.Floats(example, 1)[i]) * stretch(i);
                upper[i] = answer[i] + (batch.Floats(example, 2)[i] - answer[i]) * stretch(i);
            }
            if (done == 0 && deviations.Length > 0) batch.Floats(example, Manifest.Outputs.Length - 1)[..count].CopyTo(deviations);
            for (var step = 0; done + answer.Length < values.Length && step < answer.Length; step += targets)
            {
                answer.Slice(step, targets).CopyTo(row);
                _state.Layout.SpreadAhead(known.AsSpan((done + step) / targets * _ahead.Width, _ahead.Width), row);
                history.Add(row);
            }
        }
        _batches.Add(batch);
        return new() { Values = ImmutableArray.Create(values), LowerBounds = ImmutableArray.Create(lower), UpperBounds = ImmutableArray.Create(upper), StandardDeviations = ImmutableArray.Create(deviations) };
    }

    /// <summary>
    /// Writes the pipeline with the state of all series to a file; an engine made of the model that <c>mlContext.Model.Load</c> reads from it goes on from there. A file that was there before is
    /// replaced at once when the new one is whole.
    /// </summary>
    /// <param name="environment">The MLContext.</param>
    /// <param name="path">The file.</param>
    public void CheckPoint(IHostEnvironment environment, string path)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        SeriesState state;
        lock (_gate) state = _state.Clone(Manifest);
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

    /// <summary>Returns the engine's share in the session of ONNX Runtime; the model it was made of goes on working.</summary>
    public void Dispose()
    {
        _scorer.Dispose();
        while (_batches.TryTake(out var batch)) batch.Dispose();
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [transformer];

    private SeriesHistory Snapshot(string? series)
    {
        lock (_gate)
        {
            var key = Manifest.Forecast!.SeriesKey;
            var known = !key.IsEmpty
                ? series is not null ? _state.Index.Find(series) : throw new ArgumentNullException(nameof(series), $"The model knows series by the column{(key.Length > 1 ? "s" : "")} '{string.Join("', '", key)}': name one{(key.Length > 1 ? ", the columns' values joined by '|'" : "")}.")
                : series is null || series.Length == 0 ? (_state.Count > 0 ? 0 : null)
                : throw new ArgumentException("The model was trained without a series column: leave the series out.", nameof(series));
            if (known is not { } id) throw new ArgumentException(series is null ? "Nothing was observed yet." : $"The series '{series}' was never observed.", nameof(series));
            var history = _state[id];
            return history.IsReady ? new SeriesHistory(Manifest.Forecast, _state.Layout).CopyFrom(history)
                : throw new InvalidOperationException($"The series{(series is null ? "" : $" '{series}'")} has {history.Lack}.");
        }
    }

    // By how much the bounds of the trained level are stretched at each output for another level.
    private Func<int, float> BoundStretch(float? level)
    {
        var forecast = Manifest.Forecast!;
        if (level is null) return static _ => 1;
        if (!(level is > 0 and < 1)) throw new ArgumentOutOfRangeException("confidenceLevel", level, "A confidence level lies between 0 and 1.");
        if (forecast.LowerBoundColumn is null) throw new ArgumentException("The model was trained without bounds: name the bounds' columns in the trainer's options.", "confidenceLevel");
        if (level == forecast.ConfidenceLevel) return static _ => 1;
        if (forecast.ResidualQuantiles.IsEmpty) throw new ArgumentException($"The model learned the quantiles of its bounds' level, {forecast.ConfidenceLevel}: there are bounds of no other.", "confidenceLevel");
        var (wanted, trained) = (ResidualQuantiles.At(forecast, level.Value), ResidualQuantiles.At(forecast, forecast.ConfidenceLevel));
        return output => trained[output] > 0 ? wanted[output] / trained[output] : 1;
    }

    /// <summary>One row of a class as a data view row, run through the pipeline before the forecaster.</summary>
    private sealed class RowInput<TRow>
        where TRow : class
    {
        private readonly DataViewConstructionUtils.InputRow<TRow> _input;
        private readonly SeriesObserver _observer;

        public RowInput(RecurrentForecastEngine engine)
        {
            _input = DataViewConstructionUtils.CreateInputRow<TRow>(engine._host);
            DataViewRow row = _input;
            foreach (var transformer in engine._before)
            {
                var mapper = transformer.GetRowToRowMapper(row.Schema);
                row = mapper.GetRow(row, mapper.OutputSchema);
            }
            SeriesCollector.Check(engine.Manifest, row.Schema);
            _observer = new(row, engine.Manifest, engine._state);
        }

        public void Observe(TRow row)
        {
            _input.ExtractValues(row);
            _observer.Observe();
        }
    }
}
