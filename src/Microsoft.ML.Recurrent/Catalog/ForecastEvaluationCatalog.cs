using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;
using Microsoft.ML.Recurrent.Forecasting.Evaluation;

namespace Microsoft.ML;

/// <summary>Measuring forecasts: <see cref="ForecastingCatalog"/> extensions.</summary>
public static class ForecastEvaluationCatalog
{
    /// <summary>
    /// Tells how good an estimator's forecasts would have been: from a series of past points in time (a rolling origin) it forecasts what came next, and
    /// measures that beside baselines.
    /// </summary>
    /// <remarks>
    /// <para>Honest by construction: a fit sees no row after its first origin, in any series, and forecasts at an origin are read at the last row before it;
    /// that the transformer itself does not look ahead is verified (<see cref="BackTestOptions.VerifyNoLookAhead"/>).</para>
    /// <para>Any estimator will do whose transformer adds a column of <see cref="BackTestOptions.Horizon"/> forecasts to each row, made from the rows up to it:
    /// recurrent forecasters, ML.NET's ForecastBySsa, whole pipelines. A pipeline may be fitted many times: transforms that learn belong inside it, so that
    /// they learn from history alone.</para>
    /// <code>
    /// var result = mlContext.Forecasting.BackTest(rows, mlContext.Forecasting.ForecastByLstm("Forecast", "Load", windowSize: 96, horizon: 24),
    ///     new() { TargetColumnName = "Load", Horizon = 24, TimeColumnName = "Date", NumberOfOrigins = 30 });
    /// Console.WriteLine(result);
    /// </code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows, one a time step, in time order within each series. They are read several times: cache them where that is slow.</param>
    /// <param name="estimator">What forecasts.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">An option is out of range, a column is missing or of another type, or the data are too short; the message says which
    /// and what to do.</exception>
    /// <exception cref="InvalidOperationException">The transformer looks ahead, or answers NaN at every origin.</exception>
    /// <exception cref="OperationCanceledException"><see cref="BackTestOptions.CancellationToken"/> or the MLContext was cancelled.</exception>
    public static BackTestResult BackTest(this ForecastingCatalog catalog, IDataView data, IEstimator<ITransformer> estimator, BackTestOptions options)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(options);
        return BackTest(catalog, data, [new(options.ModelName, estimator)], options);
    }

    /// <summary>Back-tests several estimators at the same origins, for one table; they add columns of the same names.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows, one a time step, in time order within each series.</param>
    /// <param name="estimators">What forecasts, each with its name.</param>
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

    /// <summary>Measures forecasts that stand beside what happened in the same row, as after windows that were cut by <c>CreateWindows</c>.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The rows.</param>
    /// <param name="labelColumnName">What happened: <c>Single</c> or <c>Vector&lt;Single, horizon&gt;</c>; NaN does not count.</param>
    /// <param name="forecastColumnName">What was forecast, of the same size.</param>
    /// <param name="lowerBoundColumnName">The intervals' lower bounds; null for none.</param>
    /// <param name="upperBoundColumnName">The intervals' upper bounds; null for none.</param>
    /// <param name="confidenceLevel">The share of values that the intervals are meant to enclose.</param>
    /// <returns>The metrics over all steps, and by step. Scaled errors are NaN: rows do not tell the series before them.</returns>
    /// <exception cref="ArgumentException">A column is missing or of another type; a forecast is NaN where the label is not.</exception>
    public static (ForecastMetrics Metrics, IReadOnlyList<ForecastMetrics> ByStep) EvaluateForecasts(this ForecastingCatalog catalog, IDataView data,
        string labelColumnName = "Label",
        string forecastColumnName = "Forecast", string? lowerBoundColumnName = null, string? upperBoundColumnName = null, float confidenceLevel = 0.95f)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(labelColumnName);
        ArgumentException.ThrowIfNullOrEmpty(forecastColumnName);
        if (lowerBoundColumnName is null != upperBoundColumnName is null)
            throw new ArgumentException("Name both bounds' columns, or none.",
                lowerBoundColumnName is null ? nameof(lowerBoundColumnName) : nameof(upperBoundColumnName));
        if (!(confidenceLevel is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidenceLevel), confidenceLevel, "A confidence level lies between 0 and 1.");
        return RowEvaluation.Measure(data, labelColumnName, forecastColumnName, lowerBoundColumnName, upperBoundColumnName, confidenceLevel);
    }
}
