using System.Numerics;

namespace Microsoft.ML.Recurrent.Time;

/// <summary>Encodes times as calendar features.</summary>
internal static class Calendar
{
    /// <summary>Numbers per step.</summary>
    public static int Size(CalendarFeatures features) => 2 * BitOperations.PopCount((uint)features);

    /// <summary>Writes the features of a time.</summary>
    public static void Write(DateTime time, CalendarFeatures features, Span<float> destination)
    {
        var next = 0;
        if (features.HasFlag(CalendarFeatures.HourOfDay)) Add(destination, time.TimeOfDay.TotalDays);
        if (features.HasFlag(CalendarFeatures.DayOfWeek)) Add(destination, (int)time.DayOfWeek / 7.0);
        if (features.HasFlag(CalendarFeatures.DayOfMonth)) Add(destination, (time.Day - 1) / (double)DateTime.DaysInMonth(time.Year, time.Month));
        if (features.HasFlag(CalendarFeatures.DayOfYear)) Add(destination, (time.DayOfYear - 1) / (DateTime.IsLeapYear(time.Year) ? 366.0 : 365));
        if (features.HasFlag(CalendarFeatures.MonthOfYear)) Add(destination, (time.Month - 1) / 12.0);
        if (features.HasFlag(CalendarFeatures.MinuteOfHour)) Add(destination, time.TimeOfDay.TotalHours);

        void Add(Span<float> to, double turn)
        {
            var (sine, cosine) = Math.SinCos(turn * Math.Tau);
            (to[next], to[next + 1]) = ((float)sine, (float)cosine);
            next += 2;
        }
    }

    /// <summary>The default features of a frequency, limited to cycles that the time span of the rows covers twice.</summary>
    public static CalendarFeatures Choose(TimeFrequency frequency, TimeSpan span)
    {
        var usual = frequency.Unit switch
        {
            TimeUnit.Millisecond or TimeUnit.Second or TimeUnit.Minute or TimeUnit.Hour =>
                CalendarFeatures.MinuteOfHour | CalendarFeatures.HourOfDay | CalendarFeatures.DayOfWeek | CalendarFeatures.DayOfYear,
            // A day with several steps has hours.
            TimeUnit.Day when frequency.TimesOfDay.Length > 1 => CalendarFeatures.HourOfDay | CalendarFeatures.DayOfWeek | CalendarFeatures.DayOfYear,
            TimeUnit.Day or TimeUnit.BusinessDay => CalendarFeatures.DayOfWeek | CalendarFeatures.DayOfMonth | CalendarFeatures.DayOfYear,
            TimeUnit.Week => CalendarFeatures.DayOfYear,
            TimeUnit.Month => CalendarFeatures.MonthOfYear,
            _ => CalendarFeatures.None,
        };
        if (span.TotalHours < 2 || frequency.Unit is TimeUnit.Hour || frequency is { Unit: TimeUnit.Minute, Multiple: > 20 })
            usual &= ~CalendarFeatures.MinuteOfHour;
        if (span.TotalDays < 2) usual &= ~CalendarFeatures.HourOfDay;
        if (span.TotalDays < 14) usual &= ~CalendarFeatures.DayOfWeek;
        if (span.TotalDays < 61) usual &= ~CalendarFeatures.DayOfMonth;
        if (span.TotalDays < 730) usual &= ~(CalendarFeatures.DayOfYear | CalendarFeatures.MonthOfYear);
        return usual;
    }

    /// <summary>The default lags of a frequency: its usual seasons that are shorter than the window.</summary>
    public static int[] Lags(TimeFrequency frequency, int windowSize)
    {
        // Times of day and weekdays that are left out are no steps.
        var lags = frequency.Unit switch
        {
            TimeUnit.Second => Whole(60, 3600),
            TimeUnit.Minute => Whole(60).Concat(DayAndWeek(1440)).ToArray(),
            TimeUnit.Hour => DayAndWeek(24),
            TimeUnit.Day when frequency.TimesOfDay.Length > 1 => DayAndWeek(1),
            TimeUnit.Day or TimeUnit.BusinessDay => Whole(frequency.DaysPerWeek, 4 * frequency.DaysPerWeek, 52 * frequency.DaysPerWeek),
            TimeUnit.Week => Whole(4, 52),
            TimeUnit.Month => Whole(12),
            _ => Whole(),
        };
        return [.. lags.Where(lag => lag > 1 && lag < windowSize).Distinct().Order()];

        int[] DayAndWeek(int day) => frequency.Calendar is null ? Whole(day, 7 * day) : [frequency.StepsPerDay, frequency.StepsPerDay * frequency.DaysPerWeek];

        int[] Whole(params int[] units) => [.. units.Where(unit => unit % frequency.Multiple == 0).Select(unit => unit / frequency.Multiple)];
    }
}
