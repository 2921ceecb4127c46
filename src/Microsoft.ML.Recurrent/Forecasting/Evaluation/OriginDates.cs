using System.Globalization;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>The origins of a back-test that are told by dates: a first one, a time of day, or one by one.</summary>
/// <param name="times">The points in time of all series, ascending: instants, if there is a time zone.</param>
/// <param name="zone">The time zone of the options' dates; null for times as they are.</param>
/// <param name="options">The options.</param>
internal sealed class OriginDates(long[] times, TimeZoneInfo? zone, BackTestOptions options)
{
    // Points in time that may be known: a horizon follows.
    private readonly int _last = times.Length - options.Horizon;

    /// <summary>The number of points in time that are known at each origin, the earliest first.</summary>
    /// <exception cref="ArgumentException">No origin is left, or a cutoff is none.</exception>
    public List<int> KnownCounts()
    {
        if (options.Cutoffs.Count > 0) return FromCutoffs();
        var first = options.Start is { } start ? FromStart(start) : options.InitialTrainingRows ?? 1;
        var candidates = options.OriginTimeOfDay is { } hour ? OfDay(hour, first) : EachStride(first);
        var wanted = options.NumberOfOrigins ?? (options.Start is null && options.InitialTrainingRows is null ? 10 : int.MaxValue);
        // From the start on, else the last ones.
        return options.Start is null ? candidates.TakeLast(wanted).ToList() : candidates.Take(wanted).ToList();
    }

    private int FromStart(DateTime start)
    {
        var first = KnownAt(Instant(start) - 1);
        if (first == 0) throw Refused(nameof(BackTestOptions.Start), $"No row lies before the option Start, {Describe(start)}: the data begin at {At(1)}.");
        return first <= _last ? first
            : throw Refused(nameof(BackTestOptions.Start), $"Only {times.Length - first} points in time follow from the option Start, {Describe(start)}, on: " +
                $"the horizon of {options.Horizon} needs as many. The data end at {At(times.Length)}.");
    }

    private IEnumerable<int> EachStride(int first)
    {
        for (long known = first; known <= _last; known += options.Stride ?? options.Horizon) yield return (int)known;
    }

    private List<int> OfDay(TimeOnly hour, int first)
    {
        var known = Enumerable.Range(first, Math.Max(0, _last - first + 1)).Where(count => TimeOfDay(count) == hour).ToList();
        if (known.Count > 0) return known;
        var there = Enumerable.Range(1, times.Length).Select(TimeOfDay).Distinct().Order().ToArray();
        throw Refused(nameof(BackTestOptions.OriginTimeOfDay), there.Contains(hour)
            ? $"No row of the time of day {hour:HH:mm:ss} (the option OriginTimeOfDay) may be an origin: they lie before the first one, or are followed by "
                + $"less than the horizon of {options.Horizon}."
            : $"No row has the time of day {hour:HH:mm:ss} (the option OriginTimeOfDay); there are {string.Join(", ",
                there.Take(5).Select(time => time.ToString("HH:mm:ss", CultureInfo.InvariantCulture)))}{(there.Length > 5 ? ", ..." : "")}.");
    }

    private List<int> FromCutoffs()
    {
        var known = new SortedDictionary<int, DateTime>();
        foreach (var cutoff in options.Cutoffs)
        {
            var count = KnownAt(Instant(cutoff));
            if (count == 0)
                throw Refused(nameof(BackTestOptions.Cutoffs), $"No row lies at or before the cutoff {Describe(cutoff)}: the data begin at {At(1)}.");
            if (count > _last)
                throw Refused(nameof(BackTestOptions.Cutoffs), $"Only {times.Length - count} points in time follow the cutoff {Describe(cutoff)}: "
                    + $"the horizon of {options.Horizon} needs as many. The data end at {At(times.Length)}.");
            if (!known.TryAdd(count, cutoff))
                throw Refused(nameof(BackTestOptions.Cutoffs), $"The cutoffs {Describe(known[count])} and {Describe(cutoff)} are the same origin: no row lies "
                    + "between them.");
        }
        return [.. known.Keys];
    }

    // The number of points in time up to one.
    private int KnownAt(long ticks) => Array.BinarySearch(times, ticks) is var place && place >= 0 ? place + 1 : ~place;

    private TimeOnly TimeOfDay(int known) => TimeOnly.FromDateTime(Local(known));

    private string At(int known) => Describe(Local(known));

    private DateTime Local(int known) => LocalTime.FromInstant(new DateTime(times[known - 1]), zone);

    private long Instant(DateTime time) => LocalTime.ToInstant(time, zone).Ticks;

    private static string Describe(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static ArgumentException Refused(string option, string message) => new(message, option);
}
