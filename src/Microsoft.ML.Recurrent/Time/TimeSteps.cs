namespace Microsoft.ML.Recurrent.Time;

/// <summary>The times of a frequency between two rows.</summary>
internal static class TimeSteps
{
    /// <summary>The times between one row and the next that the frequency requires; a time within half a step of the next row counts as that row.</summary>
    /// <param name="frequency">The frequency.</param>
    /// <param name="from">The time of the row.</param>
    /// <param name="to">The time of the next row.</param>
    /// <param name="most">Maximum number of times; the last ones are kept.</param>
    public static IEnumerable<DateTime> Between(TimeFrequency frequency, DateTime from, DateTime to, int most = int.MaxValue)
    {
        var count = Count(frequency, from, to);
        for (var step = Math.Max(1, count - most + 1); step <= count; step++) yield return Add(frequency, from, step);
    }

    /// <summary>The number of times.</summary>
    public static long Count(TimeFrequency frequency, DateTime from, DateTime to)
    {
        if (to <= from) return 0;
        // Half a step before the time of the next row.
        var end = to - (to - frequency.Add(to, -1)) / 2;
        if (frequency.IsFixed) return Math.Max(0, ((end - from).Ticks - 1) / (frequency.Add(from, 1) - from).Ticks);
        // A step fewer than fit in any case: counting one by one would take minutes from 2026 to 9999.
        var units = frequency.Unit switch
        {
            TimeUnit.BusinessDay => (end - from).Days / 7 * 5,
            TimeUnit.Month => (end.Year - from.Year) * 12 + end.Month - from.Month,
            _ => end.Year - from.Year,
        };
        var count = Math.Max(0, units / frequency.Multiple - 2);
        while (AddOrEnd(frequency, from, count + 1) < end) count++;
        return count;
    }

    /// <summary>Adds steps to a time, at most up to the end of the calendar.</summary>
    public static DateTime AddOrEnd(TimeFrequency frequency, DateTime from, int steps)
    {
        try
        {
            return frequency.Add(from, steps);
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or OverflowException)
        {
            return DateTime.MaxValue;
        }
    }

    // Steps beyond the range of Int32 are combined into larger units.
    private static DateTime Add(TimeFrequency frequency, DateTime from, long steps) =>
        frequency.IsFixed ? from.AddTicks(checked(steps * (frequency.Add(from, 1) - from).Ticks)) : frequency.Add(from, (int)steps);
}
