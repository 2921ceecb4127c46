using System.Globalization;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Data;

/// <summary>Local times that come twice where the clock goes back: the order of the rows says which of the two a row means.</summary>
internal sealed class AmbiguousTimes
{
    private long _first;

    /// <summary>Rows with such times.</summary>
    public int Count { get; private set; }

    /// <summary>Puts the times of rows right.</summary>
    /// <param name="ids">The series of each row.</param>
    /// <param name="times">The time of each row, the first of two.</param>
    /// <param name="seconds">The second of two, by row.</param>
    /// <param name="previous">The time of the row before the first one of a series, by its id; null for none.</param>
    public static AmbiguousTimes Resolve(RowStore<int> ids, RowStore<long> times, Dictionary<int, long> seconds, Func<int, long>? previous)
    {
        var found = new AmbiguousTimes { Count = seconds.Count, _first = seconds.Count == 0 ? 0 : times[seconds.Keys.Min()] };
        if (seconds.Count == 0) return found;
        var concerned = seconds.Keys.Select(row => ids[row]).ToHashSet();
        foreach (var series in Enumerable.Range(0, ids.Count).Where(row => concerned.Contains(ids[row])).GroupBy(row => ids[row]))
        {
            int[] rows = [.. series];
            long[] certain = [.. rows.Where(row => !seconds.ContainsKey(row)).Select(row => times[row])];
            var rises = certain.Zip(certain.Skip(1)).All(pair => pair.First <= pair.Second);
            // Rows may come with the newest first, or in no order.
            if (!rises && certain.Zip(certain.Skip(1)).All(pair => pair.First >= pair.Second)) InOrder([.. Enumerable.Reverse(rows)], long.MinValue);
            else if (rises) InOrder(rows, seconds.ContainsKey(rows[0]) ? previous?.Invoke(series.Key) ?? long.MinValue : long.MinValue);
            else ByOccurrence(rows);
        }
        return found;

        void InOrder(int[] rows, long before)
        {
            foreach (var row in rows)
            {
                if (seconds.TryGetValue(row, out var second)) times[row] = new RowTime(times[row], second).After(before);
                before = times[row];
            }
        }

        void ByOccurrence(int[] rows)
        {
            var met = new HashSet<long>();
            foreach (var row in rows)
            {
                if (seconds.TryGetValue(row, out var second) && !met.Add(times[row])) times[row] = second;
            }
        }
    }

    /// <summary>Counts those of another table.</summary>
    public void Add(AmbiguousTimes other)
    {
        if (Count == 0) _first = other._first;
        Count += other.Count;
    }

    /// <summary>Says how they are taken.</summary>
    public string Describe(string column, string zoneName, TimeZoneInfo zone) => string.Create(CultureInfo.InvariantCulture,
        $"{Count} rows of the column '{column}' hold local times that come twice, for the clock of {zoneName} goes back (the first: " +
        $"{LocalTime.FromInstant(new DateTime(_first), zone):yyyy-MM-dd HH:mm:ss}). The order of the rows decides: a time that is met first is daylight "
            + $"time, and standard time when it comes again.");
}
