using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Hosting;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>
/// The column of dates of a single series whose options name no time column: its rows are taken in their order, and gaps in the dates show that some are
/// missing.
/// </summary>
internal static class UnnamedTime
{
    /// <summary>What its gaps give reason to warn of.</summary>
    public static IEnumerable<(string Code, string Message)> Warnings(RecurrentForecastingEstimator.Options options, IDataView data)
    {
        if (options.Series.TimeColumnName is not null || options.Input.SeriesKey.Length > 0) yield break;
        DataViewSchema.Column[] dates = [.. data.Schema.Where(column => !column.IsHidden && column.Type is DateTimeDataViewType)];
        if (dates.Length != 1) yield break;
        DateTime[] times = [.. data.GetColumn<DateTime>(dates[0])];
        for (var row = 1; row < times.Length; row++)
            if (times[row] <= times[row - 1]) yield break;
        if ((options.Input.Frequency ?? TimeFrequency.Detect(times)) is not { } frequency) yield break;
        var missing = new MissingRows(new(frequency));
        missing.Add(times, null, static row => row);
        if (missing.Describe() is { } text)
            yield return (WarningCode.MissingRows, $"{text} (These are the times of the column '{dates[0].Name}': name it in Input.TimeColumnName.)");
    }
}
