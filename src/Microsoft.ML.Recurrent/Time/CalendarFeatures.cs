namespace Microsoft.ML.Recurrent;

/// <summary>
/// Calendar features of a forecaster, from the time column: sine and cosine of the position in each cycle, at every step of the window and the horizon.
/// </summary>
[Flags]
public enum CalendarFeatures
{
    /// <summary>No calendar features.</summary>
    None = 0,

    /// <summary>The time of the day, including minutes and seconds.</summary>
    HourOfDay = 1,

    /// <summary>The day of the week.</summary>
    DayOfWeek = 2,

    /// <summary>The day of the month.</summary>
    DayOfMonth = 4,

    /// <summary>The day of the year.</summary>
    DayOfYear = 8,

    /// <summary>The month of the year.</summary>
    MonthOfYear = 16,

    /// <summary>The minute of the hour, including seconds.</summary>
    MinuteOfHour = 32,

    /// <summary>
    /// The features that fit the frequency of the time column, if the training rows cover at least two whole cycles. For steps below a day: the hour of the
    /// day, and the days of the week and of the year (below an hour, also the minute of the hour). For days: the days of the week, the month and the year. For
    /// weeks: the day of the year. For months: the month.
    /// </summary>
    Auto = 1 << 30,
}
