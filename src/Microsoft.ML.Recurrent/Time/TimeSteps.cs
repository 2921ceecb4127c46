namespace Microsoft.ML.Recurrent.Time;

/// <summary>Counts the times of a frequency between two rows.</summary>
internal static class TimeSteps
{
    /// <summary>
    /// The times after one row and before the next at which the frequency asks for a row; those within half a step of the next one are its own.
    /// </summary>
    /// <param name="frequency">The frequency.</param>
    /// <param name="from">The one row's time.</param>
    /// <param name="to">The next row's.</param>
    /// <param name="most">How many at the most: of more, the last ones.</param>
    public static IEnumerable<DateTime> Between(TimeFrequency frequency, DateTime from, DateTime to, int most = int.MaxValue)
    {
        var count = Count(frequency, from, to);
        for (var step = Math.Max(1, count - most + 1); step <= count; step++) yield return Add(frequency, from, step);
    }

    /// <summary>How many there are.</summary>
    public static long Count(TimeFrequency frequency, DateTime from, DateTime to)
    {
        if (to <= from) return 0;
        // Half a step before the next row's own time.
        var end = to - (to - frequency.Add(to, -1)) / 2;
        if (frequency.IsFixed) return Math.Max(0, ((end - from).Ticks - 1) / (frequency.Add(from, 1) - from).Ticks);
        var count = 0;
        while (frequency.Add(from, count + 1) < end) count++;
        return count;
    }

    // More steps than an Int32 holds make one of greater units.
    private static DateTime Add(TimeFrequency frequency, DateTime from, long steps) =>
        frequency.IsFixed ? from.AddTicks(checked(steps * (frequency.Add(from, 1) - from).Ticks)) : frequency.Add(from, (int)steps);
}
