using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace Microsoft.ML.Recurrent.Time;

/// <summary>
/// The steps of a frequency that skips weekdays or times of day. Steps are numbered from the year 1 on, so that they are added and counted without a loop.
/// </summary>
internal sealed class BusinessCalendar
{
    private readonly int[] _days, _daysBefore = new int[7];
    private readonly long[] _times;
    private readonly long _step;
    private readonly int _multiple, _perDay;

    /// <param name="weekdays">The days with steps.</param>
    /// <param name="times">The times of day of the steps; empty for each time that is a whole number of steps from the one that is asked about.</param>
    /// <param name="step">The time between two steps of a day, if there are no times; a divisor of a day.</param>
    /// <param name="multiple">Steps that count as one.</param>
    public BusinessCalendar(Weekdays weekdays, ImmutableArray<TimeOnly> times, TimeSpan step, int multiple = 1)
    {
        // Day 0 of the calendar was a Monday.
        _days = [.. Enumerable.Range(0, 7).Where(day => weekdays.HasFlag(Flag((DayOfWeek)((day + 1) % 7))))];
        for (var day = 1; day < 7; day++) _daysBefore[day] = _daysBefore[day - 1] + (_days.Contains(day - 1) ? 1 : 0);
        _times = [.. times.Select(time => time.Ticks)];
        (_step, _multiple) = (step.Ticks, multiple);
        _perDay = _times.Length > 0 ? _times.Length : (int)(TimeSpan.TicksPerDay / _step);
    }

    /// <summary>The flag of a day.</summary>
    public static Weekdays Flag(DayOfWeek day) => (Weekdays)(1 << (int)day);

    /// <summary>The number of days.</summary>
    public static int Count(Weekdays days) => BitOperations.PopCount((uint)days);

    /// <summary>The time some steps later or earlier; from a time between two steps, the first is the next one or the one before.</summary>
    public DateTime Add(DateTime time, long steps)
    {
        if (steps == 0) return time;
        var phase = Phase(time);
        var (number, isStep) = Find(time, phase);
        var to = number + checked(steps * _multiple) + (steps < 0 && !isStep ? 1 : 0);
        var (day, place) = (Math.DivRem(to, _perDay, out var rest), rest);
        if (to < 0) throw new ArgumentOutOfRangeException(nameof(steps), steps, "The time lies before the year 1.");
        var date = day / _days.Length * 7 + _days[day % _days.Length];
        return new DateTime(checked(date * TimeSpan.TicksPerDay) + (_times.Length > 0 ? _times[place] : phase + place * _step), time.Kind);
    }

    /// <summary>The number of steps after a time and before another.</summary>
    public long Count(DateTime from, DateTime end)
    {
        var phase = Phase(from);
        var (last, isStep) = Find(end, phase);
        return Math.Max(0, (last - (isStep ? 1 : 0) - Find(from, phase).Number) / _multiple);
    }

    /// <summary>Whether a time is one of a step.</summary>
    public bool Contains(DateTime time) => Find(time, Phase(time)).IsStep;

    private long Phase(DateTime time) => time.TimeOfDay.Ticks % _step;

    // The number of the last step up to a time.
    private (long Number, bool IsStep) Find(DateTime time, long phase)
    {
        var day = time.Ticks / TimeSpan.TicksPerDay;
        var (before, clock) = (day / 7 * _days.Length + _daysBefore[day % 7], time.TimeOfDay.Ticks);
        if (!_days.Contains((int)(day % 7))) return (before * _perDay - 1, false);
        if (_times.Length == 0) return (before * _perDay + (clock >= phase ? (clock - phase) / _step : -1), clock >= phase && (clock - phase) % _step == 0);
        var place = Array.BinarySearch(_times, clock);
        return place >= 0 ? (before * _perDay + place, true) : (before * _perDay + ~place - 1, false);
    }

    /// <summary>Describes days: "Monday to Saturday", "Monday, Wednesday, Friday".</summary>
    public static string Describe(Weekdays days)
    {
        // From the first day after one that is left out.
        var first = Enumerable.Range(1, 7).FirstOrDefault(day => Has(day) && !Has(day + 6), 1);
        var (run, count) = (0, Count(days));
        while (run < count && Has(first + run)) run++;
        return run == count && count > 2
            ? $"{Name(first)} to {Name(first + count - 1)}"
            : string.Join(", ", Enumerable.Range(first, 7).Where(Has).Select(Name));

        bool Has(int day) => days.HasFlag(Flag((DayOfWeek)(day % 7)));

        static string Name(int day) => CultureInfo.InvariantCulture.DateTimeFormat.GetDayName((DayOfWeek)(day % 7));
    }

    /// <summary>Describes times: "09:30 to 15:30" if they are the same step apart, otherwise "at 06:00, 22:00".</summary>
    public static string Describe(ImmutableArray<TimeOnly> times, TimeSpan step)
    {
        var isRun = times.Length > 2;
        for (var i = 1; i < times.Length; i++) isRun &= times[i] - times[i - 1] == step;
        return isRun ? $"{Text(times[0])} to {Text(times[^1])}"
            : "at " + string.Join(", ", times.Take(6).Select(Text)) + (times.Length > 6 ? $", ... ({times.Length} a day)" : "");

        static string Text(TimeOnly time) => time.ToString(time.Ticks % TimeSpan.TicksPerMinute == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture);
    }
}
