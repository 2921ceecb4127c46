namespace Microsoft.ML.Recurrent;

/// <summary>
/// What a forecaster is told of the calendar, from the time column: each as sine and cosine of its place in its cycle, at every step of the window and of the
/// horizon.
/// </summary>
[Flags]
public enum CalendarFeatures
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The time of the day, minutes and seconds included.</summary>
    HourOfDay = 1,

    /// <summary>The day of the week.</summary>
    DayOfWeek = 2,

    /// <summary>The day of the month.</summary>
    DayOfMonth = 4,

    /// <summary>The day of the year.</summary>
    DayOfYear = 8,

    /// <summary>The month of the year.</summary>
    MonthOfYear = 16,

    /// <summary>The minute of the hour, seconds included.</summary>
    MinuteOfHour = 32,

    /// <summary>
    /// Those that go with the frequency of the time column and of which the training rows hold at least two whole cycles: the hour of the day, the days of the
    /// week and of the year for steps below a day (the minute of the hour, too, for steps below an hour), days of the week, the month and the year for days,
    /// the day of the year for weeks, the month for months.
    /// </summary>
    Auto = 1 << 30,
}
