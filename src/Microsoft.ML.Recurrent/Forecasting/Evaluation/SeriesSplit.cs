namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>The division of series into their last rows and those before.</summary>
internal static class SeriesSplit
{
    /// <summary>Divides the rows, which are read once.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="testSteps">The last rows of each series that are held out.</param>
    /// <param name="timeColumn">The column that orders the rows; null if they are in order.</param>
    /// <param name="seriesColumns">The columns that identify the series.</param>
    /// <param name="contextSteps">The rows of each series before them that are repeated in the test set.</param>
    public static (IDataView TrainSet, IDataView TestSet) Create(
        IDataView data, int testSteps, string? timeColumn, IReadOnlyList<string> seriesColumns, int contextSteps)
    {
        var order = SeriesOrder.Read(data, timeColumn, seriesColumns);
        return order.LongestLength > testSteps ? (order.Before(testSteps), order.Part(0, testSteps, contextSteps))
            : throw new ArgumentException($"No row is left to train on: the longest series has {order.LongestLength} rows, and the last {testSteps} "
                + "of each are held out.", nameof(testSteps));
    }
}
