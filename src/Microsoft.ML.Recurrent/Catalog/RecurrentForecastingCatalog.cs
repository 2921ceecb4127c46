using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary><see cref="ForecastingCatalog"/> extensions that train recurrent forecasters.</summary>
public static class RecurrentForecastingCatalog
{
    /// <summary>Forecasts the next <paramref name="horizon"/> steps of each series from its last <paramref name="windowSize"/> steps with an LSTM.</summary>
    /// <remarks>
    /// The data hold one row per time step; see <see cref="RecurrentForecastingEstimator"/>. For covariates, windows in rows, and settings of the network and
    /// of training, pass <see cref="RecurrentForecastingEstimator.Options"/> to <see cref="ForecastByRecurrentNetwork"/>.
    /// <code>var model = mlContext.Forecasting.ForecastByLstm("Forecast", "Load", windowSize: 96, horizon: 24).Fit(rows);</code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The forecast column to add, <c>Vector&lt;Single, horizon&gt;</c>.</param>
    /// <param name="inputColumnName">The target column: <c>Single</c>, or <c>Vector&lt;Single, k&gt;</c> for k targets.</param>
    /// <param name="windowSize">Number of past steps that the model reads, at least 1.</param>
    /// <param name="horizon">Number of steps to forecast, at least 1.</param>
    /// <param name="timeColumnName">The time column that orders each series for training; null if the rows are in order.</param>
    /// <param name="seriesColumnName">The column with the row's series; null if all rows are one series.</param>
    /// <param name="confidenceLowerBoundColumn">The column of lower bounds to add; null for none.</param>
    /// <param name="confidenceUpperBoundColumn">The column of upper bounds to add; null for none.</param>
    /// <param name="confidenceLevel">The target coverage of the bounds, between 0 and 1.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentForecastingEstimator ForecastByLstm(this ForecastingCatalog catalog, string outputColumnName, string inputColumnName, int windowSize,
        int horizon,
        string? timeColumnName = null, string? seriesColumnName = null, string? confidenceLowerBoundColumn = null, string? confidenceUpperBoundColumn = null,
        float confidenceLevel = 0.95f, int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        Forecast(catalog, RecurrentCell.Lstm, outputColumnName, inputColumnName, windowSize, horizon, timeColumnName, seriesColumnName,
            confidenceLowerBoundColumn, confidenceUpperBoundColumn, confidenceLevel, hiddenSize, numberOfLayers, maximumNumberOfEpochs);

    /// <summary>Forecasts the next <paramref name="horizon"/> steps of each series from its last <paramref name="windowSize"/> steps with a GRU.</summary>
    /// <remarks>
    /// The data hold one row per time step; see <see cref="RecurrentForecastingEstimator"/>. For covariates, windows in rows, and settings of the network and
    /// of training, pass <see cref="RecurrentForecastingEstimator.Options"/> to <see cref="ForecastByRecurrentNetwork"/>.
    /// <code>var model = mlContext.Forecasting.ForecastByGru("Forecast", "Load", windowSize: 96, horizon: 24).Fit(rows);</code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The forecast column to add, <c>Vector&lt;Single, horizon&gt;</c>.</param>
    /// <param name="inputColumnName">The target column: <c>Single</c>, or <c>Vector&lt;Single, k&gt;</c> for k targets.</param>
    /// <param name="windowSize">Number of past steps that the model reads, at least 1.</param>
    /// <param name="horizon">Number of steps to forecast, at least 1.</param>
    /// <param name="timeColumnName">The time column that orders each series for training; null if the rows are in order.</param>
    /// <param name="seriesColumnName">The column with the row's series; null if all rows are one series.</param>
    /// <param name="confidenceLowerBoundColumn">The column of lower bounds to add; null for none.</param>
    /// <param name="confidenceUpperBoundColumn">The column of upper bounds to add; null for none.</param>
    /// <param name="confidenceLevel">The target coverage of the bounds, between 0 and 1.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentForecastingEstimator ForecastByGru(this ForecastingCatalog catalog, string outputColumnName, string inputColumnName, int windowSize,
        int horizon,
        string? timeColumnName = null, string? seriesColumnName = null, string? confidenceLowerBoundColumn = null, string? confidenceUpperBoundColumn = null,
        float confidenceLevel = 0.95f, int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        Forecast(catalog, RecurrentCell.Gru, outputColumnName, inputColumnName, windowSize, horizon, timeColumnName, seriesColumnName,
            confidenceLowerBoundColumn, confidenceUpperBoundColumn, confidenceLevel, hiddenSize, numberOfLayers, maximumNumberOfEpochs);

    /// <summary>
    /// Forecasts the next <paramref name="horizon"/> steps of each series from its last <paramref name="windowSize"/> steps with a simple RNN (tanh).
    /// </summary>
    /// <remarks>
    /// The data hold one row per time step; see <see cref="RecurrentForecastingEstimator"/>. For covariates, windows in rows, and settings of the network and
    /// of training, pass <see cref="RecurrentForecastingEstimator.Options"/> to <see cref="ForecastByRecurrentNetwork"/>.
    /// <code>var model = mlContext.Forecasting.ForecastBySimpleRnn("Forecast", "Load", windowSize: 96, horizon: 24).Fit(rows);</code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The forecast column to add, <c>Vector&lt;Single, horizon&gt;</c>.</param>
    /// <param name="inputColumnName">The target column: <c>Single</c>, or <c>Vector&lt;Single, k&gt;</c> for k targets.</param>
    /// <param name="windowSize">Number of past steps that the model reads, at least 1.</param>
    /// <param name="horizon">Number of steps to forecast, at least 1.</param>
    /// <param name="timeColumnName">The time column that orders each series for training; null if the rows are in order.</param>
    /// <param name="seriesColumnName">The column with the row's series; null if all rows are one series.</param>
    /// <param name="confidenceLowerBoundColumn">The column of lower bounds to add; null for none.</param>
    /// <param name="confidenceUpperBoundColumn">The column of upper bounds to add; null for none.</param>
    /// <param name="confidenceLevel">The target coverage of the bounds, between 0 and 1.</param>
    /// <param name="hiddenSize">Hidden size of each recurrent layer.</param>
    /// <param name="numberOfLayers">Number of stacked recurrent layers.</param>
    /// <param name="maximumNumberOfEpochs">Maximum number of epochs; training stops early when the validation loss stops improving.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentForecastingEstimator ForecastBySimpleRnn(this ForecastingCatalog catalog, string outputColumnName, string inputColumnName,
        int windowSize, int horizon,
        string? timeColumnName = null, string? seriesColumnName = null, string? confidenceLowerBoundColumn = null, string? confidenceUpperBoundColumn = null,
        float confidenceLevel = 0.95f, int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        Forecast(catalog, RecurrentCell.SimpleRnn, outputColumnName, inputColumnName, windowSize, horizon, timeColumnName, seriesColumnName,
            confidenceLowerBoundColumn, confidenceUpperBoundColumn, confidenceLevel, hiddenSize, numberOfLayers, maximumNumberOfEpochs);

    /// <summary>Forecasts the next steps of series with a recurrent network, configured by options.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="options">The options; they are copied.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static RecurrentForecastingEstimator ForecastByRecurrentNetwork(this ForecastingCatalog catalog, RecurrentForecastingEstimator.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(CatalogUtils.GetEnvironment(catalog), options);
    }

    private static RecurrentForecastingEstimator Forecast(ForecastingCatalog catalog, RecurrentCell cell, string output, string input, int windowSize,
        int horizon,
        string? time, string? series, string? lowerBound, string? upperBound, float level, int hiddenSize, int numberOfLayers, int epochs) =>
        ForecastByRecurrentNetwork(catalog, new()
        {
            Input = new SeriesInputOptions
            {
                InputColumnName = input, WindowSize = windowSize, TimeColumnName = time, SeriesColumnNames = series is null ? [] : [series],
            },
            Horizon = horizon,
            Network = { Cell = cell, HiddenSize = hiddenSize, NumberOfLayers = numberOfLayers },
            Stopping = { MaximumNumberOfEpochs = epochs },
            Output =
            {
                ForecastColumnName = output, ConfidenceLowerBoundColumn = lowerBound, ConfidenceUpperBoundColumn = upperBound, ConfidenceLevel = level,
            },
        });
}
