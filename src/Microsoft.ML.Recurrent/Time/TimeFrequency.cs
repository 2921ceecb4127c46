using System.Globalization;

namespace Microsoft.ML.Recurrent;

/// <summary>The frequency of a series: its time step, with its usual season.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Multiple">Units per step, at least 1: a quarter is 3 months, half an hour 30 minutes.</param>
public sealed record TimeFrequency(TimeUnit Unit, int Multiple = 1)
{
    /// <summary>Units per step.</summary>
    public int Multiple { get; init; } = Multiple >= 1
        ? Multiple
        : throw new ArgumentOutOfRangeException(nameof(Multiple), Multiple, "A step must have at least one unit.");

    /// <summary>Whether steps of months and years go from month end to month end. Default: false, they keep the day of the month if the month has it.</summary>
    public bool AtMonthEnd { get; init; }

    /// <summary>
    /// Steps per season that is usual for this frequency, 1 for none: an hour of seconds, a day of minutes and hours, a week of days (five business days), a
    /// year of weeks (52) and months.
    /// </summary>
    public int Season
    {
        get
        {
            var units = Unit switch
            {
                TimeUnit.Second => 3600,
                TimeUnit.Minute => 1440,
                TimeUnit.Hour => 24,
                TimeUnit.Day => 7,
                TimeUnit.BusinessDay => 5,
                TimeUnit.Week => 52,
                TimeUnit.Month => 12,
                _ => 1
            };
            return units % Multiple == 0 ? units / Multiple : 1;
        }
    }

    /// <summary>
    /// Adds steps to a time (subtracts for negative <paramref name="steps"/>). Months keep the day if the month has it, or use its end
    /// (<see cref="AtMonthEnd"/>); business days skip weekends.
    /// </summary>
    /// <param name="time">The start.</param>
    /// <param name="steps">The number of steps.</param>
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
    /// Infers the frequency of increasing times from the most common step, so that gaps and repeated times do not matter. Months are recognized by their day,
    /// by their end, or by one time in each (the last business day). Null for fewer than two different times, or if no step length occurs in at least half of
    /// the steps.
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
        // Months differ in length, so the calendar is checked first. A single step of 28 days still counts as four weeks.
        var (month, monthly) = MostOf(months);
        // If all days are the same, the day number suffices.
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

    /// <summary>The frequency of a fixed step; null if it is not a whole number of milliseconds.</summary>
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

    /// <summary>Whether all steps have the same length, independent of the calendar.</summary>
    internal bool IsFixed => Unit is not (TimeUnit.Month or TimeUnit.Year or TimeUnit.BusinessDay);

    /// <summary>Describes the frequency: "hour", "30 minutes", "business day", "3 months, at month ends".</summary>
    public override string ToString()
    {
        var unit = Unit is TimeUnit.BusinessDay ? "business day" : Unit.ToString().ToLowerInvariant();
        return (Multiple == 1 ? unit : string.Create(CultureInfo.InvariantCulture, $"{Multiple} {unit}s")) + (AtMonthEnd ? ", at month ends" : "");
    }

    /// <summary>Whole months between two times of the same day and hour (or both at month ends), else 0.</summary>
    private static int MonthsBetween(DateTime first, DateTime second)
    {
        if (first.TimeOfDay != second.TimeOfDay) return 0;
        return first.Day == second.Day || IsMonthEnd(first) && IsMonthEnd(second) ? (second.Year - first.Year) * 12 + second.Month - first.Month : 0;
    }

    /// <summary>Calendar months between two times at about the same position in their months, else 0.</summary>
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
