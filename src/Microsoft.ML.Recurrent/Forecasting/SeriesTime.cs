using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Data;

namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>What the time column tells of series: how often they have values, and what follows from it.</summary>
/// <param name="Frequency">Null where it is not needed, or where no common step is found.</param>
/// <param name="Calendar">What the model is told of the calendar.</param>
/// <param name="Lags">Steps back at which targets are looked up again.</param>
internal sealed record SeriesTime(TimeFrequency? Frequency, CalendarFeatures Calendar, ImmutableArray<int> Lags)
{
    /// <summary>Reads the time column, where the options ask for what it tells.</summary>
    /// <exception cref="ArgumentException">The options need a frequency that the times do not have.</exception>
    public static SeriesTime Find(RecurrentForecastingEstimator.Options options, IDataView data)
    {
        if (options.CalendarFeatures is CalendarFeatures.None && options.Lags is not null && !options.FillTimeGaps || options.TimeColumnName is not { } name) return new(options.Frequency, CalendarFeatures.None, [.. options.Lags ?? []]);
        var isDate = TimeReader.IsDate(TimeReader.Resolve(data.Schema, name).Type);
        var wanted = options.CalendarFeatures;
        if (!isDate && wanted is not (CalendarFeatures.None or CalendarFeatures.Auto))
            throw ColumnErrors.Mismatch("time", name, "DateTime or DateTimeOffset, which the option CalendarFeatures needs", data.Schema[name].Type.ToString()!);

        if (!isDate && options.FillTimeGaps) throw ColumnErrors.Mismatch("time", name, "DateTime or DateTimeOffset, which the option FillTimeGaps needs", data.Schema[name].Type.ToString()!);
        var (frequency, span) = (options.Frequency, TimeSpan.Zero);
        if (isDate)
        {
            var table = SeriesTable.Read(data, (IReadOnlyList<SeriesInput>)[], options.SeriesKey(), name, options.CancellationToken);
            (var found, span) = Measure(table);
            frequency ??= found;
        }
        if (frequency is null && wanted is not (CalendarFeatures.None or CalendarFeatures.Auto))
            throw new ArgumentException($"The times of the column '{name}' have no common step, so the calendar of the steps to come cannot be told: set the option Frequency, or leave CalendarFeatures out.", nameof(data));
        if (frequency is null && options.FillTimeGaps)
            throw new ArgumentException($"The times of the column '{name}' have no common step, so gaps cannot be told: set the option Frequency, or leave FillTimeGaps out.", nameof(data));
        return new(frequency, wanted is not CalendarFeatures.Auto ? wanted : frequency is null || !isDate ? CalendarFeatures.None : Data.Calendar.Choose(frequency, span),
            [.. options.Lags ?? (frequency is null ? [] : Data.Calendar.Lags(frequency, options.WindowSize))]);
    }

    /// <summary>The step of the longest series, and the time that all rows span.</summary>
    private static (TimeFrequency?, TimeSpan) Measure(SeriesTable table)
    {
        if (table.Rows == 0) return (null, TimeSpan.Zero);
        var longest = Enumerable.Range(0, table.Series).MaxBy(series => table.Starts[series + 1] - table.Starts[series]);
        var times = table.Times[table.Starts[longest]..table.Starts[longest + 1]];
        return (TimeFrequency.Detect(Array.ConvertAll(times, ticks => new DateTime(ticks))), TimeSpan.FromTicks(table.Times.Max() - table.Times.Min()));
    }
}
