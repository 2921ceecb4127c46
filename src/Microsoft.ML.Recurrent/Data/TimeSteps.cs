namespace Microsoft.ML.Recurrent.Data;

/// <summary>Counts the times of a frequency between two rows.</summary>
internal static class TimeSteps
{
    /// <summary>The times after one row and before the next at which the frequency asks for a row; those within half a step of the next one are its own.</summary>
    /// <param name="frequency">The frequency.</param>
    /// <param name="from">The one row's time.</param>
    /// <param name="to">The next row's.</param>
    /// <param name="most">How many at the most: of more, the last ones.</param>
    public static IEnumerable<DateTime> Between(TimeFrequency frequency, DateTime from, DateTime to, int most)
    {
        // Half a step before the next row's own time.
        var end = to - (to - frequency.Add(to, -1)) / 2;
        if (frequency.Unit is TimeUnit.Second or TimeUnit.Minute or TimeUnit.Hour or TimeUnit.Day or TimeUnit.Week)
        {
            var step = frequency.Add(from, 1) - from;
            var count = (end - from).Ticks / step.Ticks;
            if (count > most) from += (count - most) * step;
        }
        var missing = new Queue<DateTime>();
        for (var steps = 1; frequency.Add(from, steps) is var time && time < end; steps++)
        {
            missing.Enqueue(time);
            if (missing.Count > most) missing.Dequeue();
        }
        return missing;
    }
}
