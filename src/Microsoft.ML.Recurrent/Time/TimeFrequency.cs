using System.Globalization;

namespace Microsoft.ML.Recurrent;

/// <summary>How often a series has a value: a step of time, with the season that usually goes with it.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Multiple">Units in one step, 1 or more: a quarter is 3 months, half an hour 30 minutes.</param>
public sealed record TimeFrequency(TimeUnit Unit, int Multiple = 1)
{
    /// <summary>Units in one step.</summary>
    public int Multiple { get; init; } = Multiple >= 1
        ? Multiple
        : throw new ArgumentOutOfRangeException(nameof(Multiple), Multiple, "A step has one unit or more.");

    /// <summary>
    /// Whether steps of months and years lead from one month's last day to another's, whatever its number. Default: false, they keep the day of the month as
    /// far as the month has it.
    /// </summary>
    public bool AtMonthEnd { get; init; }

    /// <summary>
    /// Steps in the season that is usual for this frequency, 1 where there is none: an hour of seconds, a day of minutes and hours, a week of days (five
    /// business days), a year of weeks (52) and months.
    /// </summary>
    public int Season
    {
        get
        {
            var units = Unit switch { TimeUnit.Second => 3600, TimeUnit.Minute => 1440, TimeUnit.Hour => 24, TimeUnit.Day => 7, TimeUnit.BusinessDay => 5,
                TimeUnit.Week => 52, TimeUnit.Month => 12, _ => 1 };
            return units % Multiple == 0 ? units / Multiple : 1;
        }
    }

    /// <summary>
    /// A time some steps later (earlier where <paramref name="steps"/> is negative). Months keep the day as far as the month has it, or its end
    /// (<see cref="AtMonthEnd"/>); business days skip the weekend.
    /// </summary>
    /// <param name="time">The start.</param>
    /// <param name="steps">How many steps.</param>
    public DateTime Add(DateTime time, int steps)
    {
        var units = checked(steps * Multiple);
        return Unit switch
        {
            TimeUnit.Second => time.AddSeconds(units),
            TimeUnit.Minute => time.AddMinutes(units),
            TimeUnit.Hour => time.AddHours(units),
            TimeUnit.Day => time.AddDays(units),
            TimeUnit.Week => time.AddDays(7.0 * units),
            TimeUnit.Month => AtMonthEnd ? MonthEnd(time.AddMonths(units)) : time.AddMonths(units),
            TimeUnit.Year => AtMonthEnd ? MonthEnd(time.AddYears(units)) : time.AddYears(units),
            TimeUnit.Millisecond => time.AddMilliseconds(units),
            _ => AddBusinessDays(time, units),
        };
    }

    /// <summary>
    /// Finds the frequency of rising times: that of most steps, so that gaps and repeated times do no harm. Months are found by their day, by their end, or by
    /// one time in each (the last business day). Null where there are fewer than two different times, or where steps have no common length (less than half of
    /// them).
    /// </summary>
    /// <param name="times">Times of one series, in order.</param>
    public static TimeFrequency? Detect(ReadOnlySpan<DateTime> times)
    {
        var steps = new Dictionary<TimeSpan, int>();
        var (total, months, loose) = (0, new Dictionary<int, int>(), new Dictionary<int, int>());
        var (weekend, ends, days) = (false, 0, new HashSet<int>());
        for (var i = 0; i < times.Length; i++)
        {
            weekend |= times[i].DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
            if (IsMonthEnd(times[i])) ends++;
            days.Add(times[i].Day);
            if (i == 0 || times[i] <= times[i - 1]) continue;
            var step = times[i] - times[i - 1];
            steps[step] = steps.GetValueOrDefault(step) + 1;
            total++;
            if (MonthsBetween(times[i - 1], times[i]) is > 0 and var between) months[between] = months.GetValueOrDefault(between) + 1;
            if (LooseMonthsBetween(times[i - 1], times[i]) is > 0 and var about) loose[about] = loose.GetValueOrDefault(about) + 1;
        }
        if (total == 0) return null;
        // Months differ in length, so that they are looked for by the calendar, first. A single step of 28 days is four weeks all the same.
        var (month, monthly) = MostOf(months);
        // Of days that are all the same, the number tells enough.
        if (2 * monthly > total && (total > 1 || steps.Keys.First().Days > 28))
            return Months(month) with { AtMonthEnd = ends == times.Length && days.Count > 1 };
        var (length, common) = steps.MaxBy(pair => pair.Value);
        if (2 * common < total) return MostOf(loose) is var (around, often) && 2 * often > total ? Months(around) : null;
        if (length == TimeSpan.FromDays(1) && !weekend && total >= 5) return new(TimeUnit.BusinessDay);
        return Create(length);

        static TimeFrequency Months(int months) => months % 12 == 0 ? new(TimeUnit.Year, months / 12) : new(TimeUnit.Month, months);

        static (int Key, int Count) MostOf(Dictionary<int, int> counts) =>
            counts.OrderByDescending(pair => pair.Value).Select(pair => (pair.Key, pair.Value)).FirstOrDefault();
    }

    /// <summary>The frequency of a fixed step; null for steps that are no whole milliseconds.</summary>
    /// <param name="step">The step, greater than zero.</param>
    public static TimeFrequency? Create(TimeSpan step)
    {
        if (step <= TimeSpan.Zero || step.Ticks % TimeSpan.TicksPerMillisecond != 0) return null;
        return Try(TimeSpan.TicksPerDay * 7, TimeUnit.Week) ?? Try(TimeSpan.TicksPerDay, TimeUnit.Day) ?? Try(TimeSpan.TicksPerHour, TimeUnit.Hour)
            ?? Try(TimeSpan.TicksPerMinute, TimeUnit.Minute) ?? Try(TimeSpan.TicksPerSecond, TimeUnit.Second)
                ?? Try(TimeSpan.TicksPerMillisecond, TimeUnit.Millisecond);

        TimeFrequency? Try(long ticks, TimeUnit unit) =>
            step.Ticks % ticks == 0 && step.Ticks / ticks <= int.MaxValue ? new(unit, (int)(step.Ticks / ticks)) : null;
    }

    /// <summary>Whether steps have one length, whatever the calendar.</summary>
    internal bool IsFixed => Unit is not (TimeUnit.Month or TimeUnit.Year or TimeUnit.BusinessDay);

    /// <summary>The frequency in words: "hour", "30 minutes", "business day", "3 months, at month ends".</summary>
    public override string ToString()
    {
        var unit = Unit is TimeUnit.BusinessDay ? "business day" : Unit.ToString().ToLowerInvariant();
        return (Multiple == 1 ? unit : string.Create(CultureInfo.InvariantCulture, $"{Multiple} {unit}s")) + (AtMonthEnd ? ", at month ends" : "");
    }

    /// <summary>Whole months between two times of the same day and hour (or both of a month's last day), else 0.</summary>
    private static int MonthsBetween(DateTime first, DateTime second)
    {
        if (first.TimeOfDay != second.TimeOfDay) return 0;
        return first.Day == second.Day || IsMonthEnd(first) && IsMonthEnd(second) ? (second.Year - first.Year) * 12 + second.Month - first.Month : 0;
    }

    /// <summary>Calendar months from one time to another that lies about as far into its own month, else 0.</summary>
    private static int LooseMonthsBetween(DateTime first, DateTime second)
    {
        var months = (second.Year - first.Year) * 12 + second.Month - first.Month;
        return months > 0 && Math.Abs((second - first.AddMonths(months)).TotalDays) <= 6 ? months : 0;
    }

    private static bool IsMonthEnd(DateTime time) => time.Day == DateTime.DaysInMonth(time.Year, time.Month);

    private static DateTime MonthEnd(DateTime time) => time.AddDays(DateTime.DaysInMonth(time.Year, time.Month) - time.Day);

    private static DateTime AddBusinessDays(DateTime time, int days)
    {
        var step = Math.Sign(days);
        for (var left = Math.Abs(days); left > 0;)
        {
            time = time.AddDays(step);
            if (time.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)) left--;
        }
        return time;
    }
}
