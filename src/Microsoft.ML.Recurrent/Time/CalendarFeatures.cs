namespace Microsoft.ML.Recurrent;

/// <summary>
/// Calendar features of a forecaster, from the time column: sine and then cosine of 2 pi times the position in each cycle, at every step of the window and the
/// horizon, in the order in which the features are declared here. Times are local if there is a time zone (<see cref="ForecastFeatureOptions.TimeZone"/>).
/// </summary>
[Flags]
public enum CalendarFeatures
{
    /// <summary>No calendar features.</summary>
    None = 0,

    /// <summary>The time of the day, including minutes and seconds, as a share of 24 hours.</summary>
    HourOfDay = 1,

    /// <summary>The day of the week from Sunday, 0, to Saturday, 6, divided by 7.</summary>
    DayOfWeek = 2,

    /// <summary>The day of the month from 0, divided by the days of this month.</summary>
    DayOfMonth = 4,

    /// <summary>The day of the year from 0, divided by the days of this year.</summary>
    DayOfYear = 8,

    /// <summary>The month of the year from 0, divided by 12.</summary>
    MonthOfYear = 16,

    /// <summary>The minute of the hour, including seconds, as a share of the hour.</summary>
    MinuteOfHour = 32,

    /// <summary>
    /// The features that fit the frequency of the time column, if the training rows cover at least two whole cycles. For steps below a day: the hour of the
    /// day, and the days of the week and of the year (for steps of at most 20 minutes, also the minute of the hour). For days: the days of the week, the month
    /// and the year. For weeks: the day of the year. For months: the month.
    /// </summary>
    Auto = 1 << 30,
}
