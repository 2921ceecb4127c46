using Microsoft.ML.Recurrent.Forecasting.Evaluation;

namespace Microsoft.ML;

/// <summary>A <see cref="DataOperationsCatalog"/> extension that holds out the last rows of series.</summary>
public static class SeriesSplitCatalog
{
    /// <summary>
    /// Holds out the last rows of each series, as a forecaster must not learn from rows after those that it is tested on. ML.NET's TrainTestSplit draws rows at
    /// random, which tells the future.
    /// </summary>
    /// <remarks><code>
    /// var (train, validation) = mlContext.Data.SplitSeries(rows, testSteps: 500, timeColumnName: "Time", contextSteps: 96);
    /// var model = mlContext.Forecasting.ForecastByLstm("Forecast", "Load", windowSize: 96, horizon: 24, timeColumnName: "Time").Fit(train, validation);
    /// </code></remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">A row per time step. The time and series columns are read once; rows keep their order.</param>
    /// <param name="testSteps">The number of rows of each series that are held out, at least 1: its last ones. A series that is not longer is held out
    /// whole.</param>
    /// <param name="timeColumnName">The column that orders the rows of a series (DateTime, DateTimeOffset, TimeSpan or a number); null if they are in
    /// order.</param>
    /// <param name="seriesColumnNames">The columns that identify the series of a row (Text, a key, an integer or Boolean); null if all rows are one.</param>
    /// <param name="contextSteps">Rows of each series before those that are held out which the test set has, too, at least 0: a forecaster's window, so that
    /// it can forecast the first of them.</param>
    /// <exception cref="ArgumentException">An argument is out of range, a column is missing or of another type, or no row is left to train on.</exception>
    public static (IDataView TrainSet, IDataView TestSet) SplitSeries(this DataOperationsCatalog catalog, IDataView data, int testSteps,
        string? timeColumnName = null, string[]? seriesColumnNames = null, int contextSteps = 0)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(testSteps, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(contextSteps);
        return SeriesSplit.Create(data, testSteps, timeColumnName, seriesColumnNames ?? [], contextSteps);
    }
}
