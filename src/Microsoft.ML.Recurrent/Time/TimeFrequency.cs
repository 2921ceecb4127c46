using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Time;

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

    private BusinessCalendar? _calendar;

    /// <summary>Whether steps of months and years go from month end to month end. Default: false, they keep the day of the month if the month has it.</summary>
    public bool AtMonthEnd { get; init; }

    /// <summary>
    /// The days on which there are steps, of which at least one; for steps of days or less. Default: all days; Monday to Friday for
    /// <see cref="TimeUnit.BusinessDay"/>.
    /// </summary>
    public Weekdays Weekdays
    {
        get => Unit is TimeUnit.BusinessDay ? Weekdays.MondayToFriday : field;
        init
        {
            if (value is Weekdays.None || (value & ~Weekdays.All) != 0)
                throw new ArgumentOutOfRangeException(nameof(Weekdays), value, "Name at least one day of the week.");
            if (value is not Weekdays.All) CheckUnit(nameof(Weekdays));
            (field, _calendar) = (value, null);
        }
    } = Weekdays.All;

    /// <summary>
    /// The times of day at which there are steps, in order, such as the trading hours of a market; for steps of a day or less, which these times then are.
    /// Default: empty, no time of day is left out.
    /// </summary>
    public ImmutableArray<TimeOnly> TimesOfDay
    {
        get;
        init
        {
            var times = value.IsDefault ? [] : value;
            if (!times.IsEmpty) CheckUnit(nameof(TimesOfDay));
            for (var i = 1; i < times.Length; i++)
            {
                if (times[i] <= times[i - 1]) throw new ArgumentException("The times of day must increase.", nameof(TimesOfDay));
            }
            (field, _calendar) = (times, null);
        }
    } = [];

    /// <summary>
    /// Steps per season that is usual for this frequency, 1 for none: an hour of seconds, a day of minutes and hours, a week of days (five business days), a
    /// year of weeks (52) and months. Weekdays and times of day that are left out do not count: 6 for days from Monday to Saturday, 8 for eight hours a day.
    /// </summary>
    public int Season => TimesOfDay.Length > 1 ? TimesOfDay.Length : (Unit switch
    {
        TimeUnit.Second => 3600,
        TimeUnit.Minute => 1440,
        TimeUnit.Hour => 24,
        TimeUnit.Day or TimeUnit.BusinessDay => DaysPerWeek,
        TimeUnit.Week => 52,
        TimeUnit.Month => 12,
        _ => 1
    }) is var units && units % Multiple == 0 ? units / Multiple : 1;

    /// <summary>
    /// Adds steps to a time (subtracts for negative <paramref name="steps"/>). Months keep the day if the month has it, or use its end
    /// (<see cref="AtMonthEnd"/>); weekdays and times of day that are left out (weekends, for business days) are skipped.
    /// </summary>
    /// <param name="time">The start.</param>
    /// <param name="steps">The number of steps.</param>
    public DateTime Add(DateTime time, int steps)
    {
        if (Calendar is { } calendar) return calendar.Add(time, steps);
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
            _ => time.AddMilliseconds(units),
        };
    }

    /// <summary>
    /// Infers the frequency of increasing times from the most common step, so that gaps and repeated times do not matter. It has to lead from the first time to
    /// the last (but for the hour by which a clock is changed) and to nearly all between. Months are recognized by their day, by their end, or by one time in
    /// each (the last business day, third Fridays). Weekdays and times of day that never occur are left out (<see cref="Weekdays"/>,
    /// <see cref="TimesOfDay"/>) if they could have occurred several times.
    /// </summary>
    /// <param name="times">Times of one series, in order.</param>
    /// <returns>The frequency; null for fewer than two different times, if no step length occurs in at least half of the steps, or if the times fit no such
    /// calendar, as the 1st and 15th of each month or other hours on Saturdays.</returns>
    public static TimeFrequency? Detect(ReadOnlySpan<DateTime> times) => FrequencyDetection.Find(times);

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
    internal bool IsFixed => Unit is not (TimeUnit.Month or TimeUnit.Year) && Calendar is null;

    /// <summary>The steps, if weekdays or times of day are left out.</summary>
    internal BusinessCalendar? Calendar => Weekdays is Weekdays.All && TimesOfDay.IsEmpty ? null : _calendar ??= Unit is TimeUnit.Day or TimeUnit.BusinessDay
        ? new(Weekdays, TimesOfDay, TimeSpan.FromDays(1), TimesOfDay.IsEmpty ? Multiple : 1)
        : new(Weekdays, TimesOfDay, Length);

    /// <summary>The time between two steps of a fixed length.</summary>
    internal TimeSpan Length => (this with { Weekdays = Weekdays.All, TimesOfDay = [] }).Add(default, 1) - default(DateTime);

    /// <summary>Steps of a day that has some, for steps of which a whole number makes a day.</summary>
    internal int StepsPerDay => TimesOfDay.Length > 0 ? TimesOfDay.Length : (int)(TimeSpan.TicksPerDay / Length.Ticks);

    /// <summary>Days of a week that have steps.</summary>
    internal int DaysPerWeek => BusinessCalendar.Count(Weekdays);

    /// <summary>Describes the frequency: "hour", "30 minutes", "business day", "3 months, at month ends", "day, Monday to Saturday".</summary>
    public override string ToString()
    {
        var unit = Unit is TimeUnit.BusinessDay ? "business day" : Unit.ToString().ToLowerInvariant();
        return (Multiple == 1 ? unit : string.Create(CultureInfo.InvariantCulture, $"{Multiple} {unit}s")) + (AtMonthEnd ? ", at month ends" : "")
            + (TimesOfDay.IsEmpty ? "" : ", " + BusinessCalendar.Describe(TimesOfDay, Length))
            + (Weekdays is Weekdays.All || Unit is TimeUnit.BusinessDay ? "" : ", " + BusinessCalendar.Describe(Weekdays));
    }

    /// <inheritdoc/>
    public bool Equals(TimeFrequency? other) => other is not null && (Unit, Multiple, AtMonthEnd, Weekdays) ==
        (other.Unit, other.Multiple, other.AtMonthEnd, other.Weekdays) && TimesOfDay.AsSpan().SequenceEqual(other.TimesOfDay.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Unit, Multiple, AtMonthEnd, Weekdays, TimesOfDay.Length);

    private void CheckUnit(string name)
    {
        if (Unit is TimeUnit.Week or TimeUnit.Month or TimeUnit.Year)
            throw new ArgumentException($"Steps of {this} have no {name}: these go with days and shorter units.", name);
        if (Unit is not (TimeUnit.Day or TimeUnit.BusinessDay) && TimeSpan.TicksPerDay % Length.Ticks != 0)
            throw new ArgumentException($"{name} needs steps of which a whole number makes a day, not of {this}.", name);
    }

    private static DateTime MonthEnd(DateTime time) => time.AddDays(DateTime.DaysInMonth(time.Year, time.Month) - time.Day);
}
