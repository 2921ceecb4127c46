using Microsoft.ML.Data;
using Microsoft.ML.Recurrent;

namespace Microsoft.ML;

/// <summary>Forecasting by recurrent networks: <see cref="ForecastingCatalog"/> extensions.</summary>
public static class RecurrentForecastingCatalog
{
    /// <summary>Forecasts the next <paramref name="horizon"/> steps of a series from the last <paramref name="windowSize"/> ones by an LSTM.</summary>
    /// <remarks>
    /// Rows are series, one row a time step; see <see cref="RecurrentForecastingEstimator"/>, whose <see cref="RecurrentForecastingEstimator.Options"/> hold
    /// everything else (covariates, windows in rows, the network, training) for <see cref="ForecastByRecurrentNetwork"/>.
    /// <code>var model = mlContext.Forecasting.ForecastByLstm("Forecast", "Load", windowSize: 96, horizon: 24).Fit(rows);</code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column of the forecasts that is added, <c>Vector&lt;Single, horizon&gt;</c>.</param>
    /// <param name="inputColumnName">What is forecast: <c>Single</c>, or <c>Vector&lt;Single, k&gt;</c> for k targets together.</param>
    /// <param name="windowSize">Steps that a forecast looks back, at least 1.</param>
    /// <param name="horizon">Steps that are forecast, at least 1.</param>
    /// <param name="timeColumnName">The time column by which each series is ordered for training; null where rows are in order.</param>
    /// <param name="seriesColumnName">Which series a row belongs to; null where all rows are one series.</param>
    /// <param name="confidenceLowerBoundColumn">The column of the lower bounds that is added; null for none.</param>
    /// <param name="confidenceUpperBoundColumn">The column of the upper bounds that is added; null for none.</param>
    /// <param name="confidenceLevel">The share of values that the bounds are meant to enclose.</param>
    /// <param name="hiddenSize">Size of each recurrent layer's state.</param>
    /// <param name="numberOfLayers">Recurrent layers, one upon the other.</param>
    /// <param name="maximumNumberOfEpochs">Passes over the data at the most; training stops before that when the validation loss no longer falls.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentForecastingEstimator ForecastByLstm(this ForecastingCatalog catalog, string outputColumnName, string inputColumnName, int windowSize,
        int horizon,
        string? timeColumnName = null, string? seriesColumnName = null, string? confidenceLowerBoundColumn = null, string? confidenceUpperBoundColumn = null,
        float confidenceLevel = 0.95f, int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        Forecast(catalog, RecurrentCell.Lstm, outputColumnName, inputColumnName, windowSize, horizon, timeColumnName, seriesColumnName,
            confidenceLowerBoundColumn, confidenceUpperBoundColumn, confidenceLevel, hiddenSize, numberOfLayers, maximumNumberOfEpochs);

    /// <summary>Forecasts the next <paramref name="horizon"/> steps of a series from the last <paramref name="windowSize"/> ones by a GRU.</summary>
    /// <remarks>
    /// Rows are series, one row a time step; see <see cref="RecurrentForecastingEstimator"/>, whose <see cref="RecurrentForecastingEstimator.Options"/> hold
    /// everything else (covariates, windows in rows, the network, training) for <see cref="ForecastByRecurrentNetwork"/>.
    /// <code>var model = mlContext.Forecasting.ForecastByGru("Forecast", "Load", windowSize: 96, horizon: 24).Fit(rows);</code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column of the forecasts that is added, <c>Vector&lt;Single, horizon&gt;</c>.</param>
    /// <param name="inputColumnName">What is forecast: <c>Single</c>, or <c>Vector&lt;Single, k&gt;</c> for k targets together.</param>
    /// <param name="windowSize">Steps that a forecast looks back, at least 1.</param>
    /// <param name="horizon">Steps that are forecast, at least 1.</param>
    /// <param name="timeColumnName">The time column by which each series is ordered for training; null where rows are in order.</param>
    /// <param name="seriesColumnName">Which series a row belongs to; null where all rows are one series.</param>
    /// <param name="confidenceLowerBoundColumn">The column of the lower bounds that is added; null for none.</param>
    /// <param name="confidenceUpperBoundColumn">The column of the upper bounds that is added; null for none.</param>
    /// <param name="confidenceLevel">The share of values that the bounds are meant to enclose.</param>
    /// <param name="hiddenSize">Size of each recurrent layer's state.</param>
    /// <param name="numberOfLayers">Recurrent layers, one upon the other.</param>
    /// <param name="maximumNumberOfEpochs">Passes over the data at the most; training stops before that when the validation loss no longer falls.</param>
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
    /// Forecasts the next <paramref name="horizon"/> steps of a series from the last <paramref name="windowSize"/> ones by a simple recurrent network (tanh).
    /// </summary>
    /// <remarks>
    /// Rows are series, one row a time step; see <see cref="RecurrentForecastingEstimator"/>, whose <see cref="RecurrentForecastingEstimator.Options"/> hold
    /// everything else (covariates, windows in rows, the network, training) for <see cref="ForecastByRecurrentNetwork"/>.
    /// <code>var model = mlContext.Forecasting.ForecastBySimpleRnn("Forecast", "Load", windowSize: 96, horizon: 24).Fit(rows);</code>
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column of the forecasts that is added, <c>Vector&lt;Single, horizon&gt;</c>.</param>
    /// <param name="inputColumnName">What is forecast: <c>Single</c>, or <c>Vector&lt;Single, k&gt;</c> for k targets together.</param>
    /// <param name="windowSize">Steps that a forecast looks back, at least 1.</param>
    /// <param name="horizon">Steps that are forecast, at least 1.</param>
    /// <param name="timeColumnName">The time column by which each series is ordered for training; null where rows are in order.</param>
    /// <param name="seriesColumnName">Which series a row belongs to; null where all rows are one series.</param>
    /// <param name="confidenceLowerBoundColumn">The column of the lower bounds that is added; null for none.</param>
    /// <param name="confidenceUpperBoundColumn">The column of the upper bounds that is added; null for none.</param>
    /// <param name="confidenceLevel">The share of values that the bounds are meant to enclose.</param>
    /// <param name="hiddenSize">Size of each recurrent layer's state.</param>
    /// <param name="numberOfLayers">Recurrent layers, one upon the other.</param>
    /// <param name="maximumNumberOfEpochs">Passes over the data at the most; training stops before that when the validation loss no longer falls.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static RecurrentForecastingEstimator ForecastBySimpleRnn(this ForecastingCatalog catalog, string outputColumnName, string inputColumnName,
        int windowSize, int horizon,
        string? timeColumnName = null, string? seriesColumnName = null, string? confidenceLowerBoundColumn = null, string? confidenceUpperBoundColumn = null,
        float confidenceLevel = 0.95f, int hiddenSize = RecurrentTrainerOptions.DefaultHiddenSize,
        int numberOfLayers = RecurrentTrainerOptions.DefaultNumberOfLayers,
        int maximumNumberOfEpochs = RecurrentTrainerOptions.DefaultMaximumNumberOfEpochs) =>
        Forecast(catalog, RecurrentCell.SimpleRnn, outputColumnName, inputColumnName, windowSize, horizon, timeColumnName, seriesColumnName,
            confidenceLowerBoundColumn, confidenceUpperBoundColumn, confidenceLevel, hiddenSize, numberOfLayers, maximumNumberOfEpochs);

    /// <summary>Forecasts the next steps of series by a recurrent network, everything else being set by options.</summary>
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
