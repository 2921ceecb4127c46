namespace Microsoft.ML.Recurrent;

/// <summary>
/// Rows are time steps of one or several series: <c>Input = new SeriesInputOptions { InputColumnName = "Load", TimeColumnName = "Time", WindowSize = 96 }</c>.
/// Training windows are cut from them.
/// </summary>
public sealed class SeriesInputOptions : ForecastInputOptions
{
    private const CalendarFeatures AllFeatures = CalendarFeatures.HourOfDay | CalendarFeatures.DayOfWeek | CalendarFeatures.DayOfMonth |
        CalendarFeatures.DayOfYear | CalendarFeatures.MonthOfYear | CalendarFeatures.MinuteOfHour;

    /// <summary>
    /// The time column (DateTime, DateTimeOffset, TimeSpan or a number), by which the rows of a series are ordered. Default: null, rows are in order.
    /// </summary>
    public string? TimeColumnName { get; set; }

    /// <summary>
    /// The columns that identify the series of a row (Text, a key, a whole number or Boolean): one model learns all series. The name of a series is its value,
    /// or its values joined by '|'. Default: none, all rows are one series.
    /// </summary>
    public string[] SeriesColumnNames { get; set; } = [];

    /// <summary>
    /// Calendar features of the steps of the window and of the horizon. They need a time column of DateTime or DateTimeOffset (in UTC, or
    /// in the local time of <see cref="ForecastFeatureOptions.TimeZone"/>). Default: none.
    /// </summary>
    [SearchChoice("None", "Auto")]
    public CalendarFeatures CalendarFeatures { get; set; }

    /// <summary>
    /// For data that do not fit in memory: about how many rows are held at once, though at least all of two series. Rows are then read anew in every epoch and
    /// have to be sorted by series; windows are shuffled among the series that are held together. At least 1,000. Default: null, all rows are read once and
    /// held.
    /// </summary>
    public int? MaximumRowsInMemory { get; set; }

    /// <summary>
    /// Rows between the starts of two training windows of a series, at least 1: larger ones shorten the epochs of long series. With
    /// <see cref="TrainingScheme.Stretches"/> rows from one position of a stretch to the next. Default: null, 1 unless an epoch would then have more than ten
    /// million steps; with <see cref="ForecastStrategy.Recursive"/> and stretches the horizon.
    /// </summary>
    public int? TrainingStride { get; set; }

    internal override string[] SeriesKey => SeriesColumnNames;

    internal override string? TimeColumn => TimeColumnName;

    internal override void Check()
    {
        base.Check();
        var checks = new OptionChecks(Group);
        checks.Columns(SeriesColumnNames);
        checks.ColumnOrNull(TimeColumnName);
        checks.AtLeastOne(TrainingStride);
        if (CalendarFeatures is not (CalendarFeatures.None or CalendarFeatures.Auto))
        {
            if ((CalendarFeatures & ~AllFeatures) != 0)
                throw checks.OutOfRange(nameof(CalendarFeatures), CalendarFeatures, "must be Auto, or a union of the others");
            if (TimeColumnName is null) throw checks.Refused(nameof(CalendarFeatures), "needs a time column: name it in Input.TimeColumnName.");
        }
        if (MaximumRowsInMemory is not { } rows) return;
        if (rows < 1000) throw checks.OutOfRange(nameof(MaximumRowsInMemory), rows, "must be at least 1,000");
        if (SeriesColumnNames.Length == 0)
            throw checks.Refused(nameof(MaximumRowsInMemory), "reads some series at a time: name their column in Input.SeriesColumnNames.");
    }
}
