using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;

namespace Microsoft.ML;

/// <summary><see cref="ForecastingCatalog"/> extensions that evaluate forecasts.</summary>
public static class ForecastEvaluationCatalog
{
    /// <summary>
    /// Back-tests an estimator: forecasts from a series of past points in time (rolling origin), and compares the errors with those of baselines.
    /// </summary>
    /// <remarks>
    /// <para>A fit sees no row after its first origin, in any series. The forecasts of an origin are read at the last row before it. That the transformer
    /// itself does not look ahead is verified (<see cref="BackTestOptions.VerifyNoLookAhead"/>).</para>
    /// <para>Accepts any estimator whose transformer adds a column of <see cref="BackTestOptions.Horizon"/> forecasts to each row, computed from the rows up to
    /// it: recurrent forecasters, ML.NET's ForecastBySsa, whole pipelines. The pipeline may be fitted many times. Put transforms that learn inside it, so that
    /// they learn from history alone.</para>
    /// <code>
    /// var result = mlContext.Forecasting.BackTest(rows, mlContext.Forecasting.ForecastByLstm("Forecast", "Load", windowSize: 96, horizon: 24),
    ///     new() { TargetColumnName = "Load", Horizon = 24, TimeColumnName = "Date", NumberOfOrigins = 30 });
    /// Console.WriteLine(result);
    /// </code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">One row per time step, in time order within each series. The data are read several times: cache them if that is slow.</param>
    /// <param name="estimator">The forecasting estimator.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">An option is out of range, a column is missing or of another type, or the data are too short; the message says what
    /// to do.</exception>
    /// <exception cref="InvalidOperationException">The transformer looks ahead, or forecasts NaN at every origin.</exception>
    /// <exception cref="OperationCanceledException"><see cref="BackTestOptions.CancellationToken"/> or the MLContext was cancelled.</exception>
    public static BackTestResult BackTest(this ForecastingCatalog catalog, IDataView data, IEstimator<ITransformer> estimator, BackTestOptions options)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(options);
        return BackTest(catalog, data, [new(options.ModelName, estimator)], options);
    }

    /// <summary>
    /// Back-tests a model that is trained: one that was loaded from a file, or is to be compared on rows that it has not seen. It forecasts at each origin from
    /// the rows up to it and is not fitted again. The origins must lie after the rows that it learned from; the back-test cannot check that.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">One row per time step, in time order within each series: those that are forecast, and before them a window for the first.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">The options. <see cref="BackTestOptions.RefitEvery"/> has to be 0.</param>
    /// <inheritdoc cref="BackTest(ForecastingCatalog, IDataView, IEstimator{ITransformer}, BackTestOptions)"/>
    public static BackTestResult BackTest(this ForecastingCatalog catalog, IDataView data, ITransformer model, BackTestOptions options)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        if (options.RefitEvery > 0)
            throw new ArgumentException(
                $"RefitEvery is {options.RefitEvery}, but a model that is trained is not fitted again: leave it 0, or pass the estimator.",
                nameof(options));
        return BackTest(catalog, data, new FittedEstimator(model, data.Schema), options);
    }

    /// <summary>Back-tests several estimators at the same origins, into one table. All must add the same column names.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">One row per time step, in time order within each series.</param>
    /// <param name="estimators">The forecasting estimators and their names.</param>
    /// <param name="options">The options.</param>
    /// <inheritdoc cref="BackTest(ForecastingCatalog, IDataView, IEstimator{ITransformer}, BackTestOptions)"/>
    public static BackTestResult BackTest(this ForecastingCatalog catalog, IDataView data,
        IReadOnlyList<KeyValuePair<string, IEstimator<ITransformer>>> estimators, BackTestOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(estimators);
        ArgumentNullException.ThrowIfNull(options);
        if (estimators.Count == 0) throw new ArgumentException("Name at least one estimator.", nameof(estimators));
        foreach (var (name, estimator) in estimators)
        {
            if (string.IsNullOrWhiteSpace(name)) throw new ArgumentException("An estimator has no name.", nameof(estimators));
            if (estimator is null) throw new ArgumentException($"The estimator '{name}' is null.", nameof(estimators));
        }
        options.Check();
        return BackTester.Run(CatalogUtils.GetEnvironment(catalog), data, estimators, options);
    }

    /// <summary>Evaluates forecasts against actual values in the same row, as in windows made by <c>CreateWindows</c>.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows.</param>
    /// <param name="labelColumnName">The actual values: <c>Single</c> or <c>Vector&lt;Single, horizon&gt;</c>; NaN is ignored.</param>
    /// <param name="forecastColumnName">The forecasts, of the same size.</param>
    /// <param name="lowerBoundColumnName">The lower bounds of the intervals; null for none.</param>
    /// <param name="upperBoundColumnName">The upper bounds of the intervals; null for none.</param>
    /// <param name="confidenceLevel">The target coverage of the intervals, between 0 and 1.</param>
    /// <returns>The metrics over all steps and by step. Scaled errors are NaN: they need the history of the series.</returns>
    /// <exception cref="ArgumentException">A column is missing or of another type; a forecast is NaN and its label is not.</exception>
    public static (ForecastMetrics Metrics, IReadOnlyList<ForecastMetrics> ByStep) EvaluateForecasts(this ForecastingCatalog catalog, IDataView data,
        string labelColumnName = "Label",
        string forecastColumnName = "Forecast", string? lowerBoundColumnName = null, string? upperBoundColumnName = null, float confidenceLevel = 0.95f)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(forecastColumnName);
        if (lowerBoundColumnName is null != upperBoundColumnName is null)
            throw new ArgumentException("Name the columns of both bounds, or none.",
                lowerBoundColumnName is null ? nameof(lowerBoundColumnName) : nameof(upperBoundColumnName));
        if (!(confidenceLevel is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidenceLevel), confidenceLevel, "The confidence level must lie between 0 and 1.");
        return RowEvaluation.Measure(data, labelColumnName, forecastColumnName, lowerBoundColumnName, upperBoundColumnName, confidenceLevel);
    }
}
