namespace Microsoft.ML.Recurrent.Time;

/// <summary>The times of a frequency, as instants.</summary>
/// <param name="frequency">The frequency.</param>
/// <param name="zone">The zone whose calendar days and longer units follow; null if times have none.</param>
internal sealed class TimeSteps(TimeFrequency frequency, TimeZoneInfo? zone = null)
{
    // A day is as long as its clock says; an hour is an hour.
    private readonly TimeZoneInfo? _clock = frequency.IsFixed && frequency.Length < TimeSpan.FromDays(1) ? null : zone;
    private readonly long _length = frequency.IsFixed ? frequency.Length.Ticks : 0;

    /// <summary>The frequency.</summary>
    public TimeFrequency Frequency => frequency;

    /// <summary>Adds steps to a time.</summary>
    public DateTime Add(DateTime from, long steps)
    {
        var local = LocalTime.FromInstant(from, _clock);
        return LocalTime.ToInstant(_length > 0 ? local.AddTicks(checked(steps * _length)) : frequency.Add(local, checked((int)steps)), _clock);
    }

    /// <summary>Adds steps to a time, at most up to the end of the calendar.</summary>
    public DateTime AddOrEnd(DateTime from, int steps)
    {
        try
        {
            return Add(from, steps);
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or OverflowException)
        {
            return DateTime.MaxValue;
        }
    }

    /// <summary>Whether a time is none of the frequency because it lies on a weekday, or at a time of day, that is left out.</summary>
    public bool IsLeftOut(DateTime time) => frequency.Calendar is { } calendar && !calendar.Contains(LocalTime.FromInstant(time, _clock));

    /// <summary>The times between one row and the next that the frequency requires; a time within half a step of the next row counts as that row.</summary>
    /// <param name="from">The time of the row.</param>
    /// <param name="to">The time of the next row.</param>
    /// <param name="most">Maximum number of times; the last ones are kept.</param>
    public IEnumerable<DateTime> Between(DateTime from, DateTime to, int most = int.MaxValue)
    {
        var count = Count(from, to);
        for (var step = Math.Max(1, count - most + 1); step <= count; step++) yield return Add(from, step);
    }

    /// <summary>The number of times.</summary>
    public long Count(DateTime from, DateTime to)
    {
        if (to <= from) return 0;
        // Half a step before the time of the next row.
        var (start, end) = (LocalTime.FromInstant(from, _clock), LocalTime.FromInstant(to - (to - Add(to, -1)) / 2, _clock));
        if (_length > 0) return Math.Max(0, ((end - start).Ticks - 1) / _length);
        if (frequency.Calendar is { } calendar) return calendar.Count(start, end);
        // A step fewer than fit in any case: counting one by one would take minutes from 2026 to 9999.
        var units = frequency.Unit is TimeUnit.Month ? (end.Year - start.Year) * 12 + end.Month - start.Month : end.Year - start.Year;
        var count = Math.Max(0, units / frequency.Multiple - 2);
        while (AddOrEnd(from, count + 1) < to - (to - Add(to, -1)) / 2) count++;
        return count;
    }
}
