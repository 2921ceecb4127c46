using Microsoft.ML.Recurrent.Data;
using Microsoft.ML.Recurrent.Forecasting;

namespace Microsoft.ML.Recurrent;

/// <content>Forecasts and sample paths of observed series.</content>
public sealed partial class RecurrentForecastEngine
{
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
}
