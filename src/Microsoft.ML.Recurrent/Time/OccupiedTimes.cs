namespace Microsoft.ML.Recurrent.Time;

/// <summary>
/// The weekdays and times of day at which a series has rows. One that never occurs is left out regularly if rows that lack at random would hardly have left it
/// out each time.
/// </summary>
internal sealed class OccupiedTimes
{
    /// <summary>More times of day are not looked at: steps of seconds.</summary>
    private const int MostTimesOfDay = 1440;

    /// <summary>More times of day that are no whole number of steps apart are no schedule.</summary>
    private const int MostIrregularTimes = 48;

    /// <summary>Rows that lack, as a share of those that a day with rows could have, from which on a time of day is no part of a schedule.</summary>
    private const double MostLackingTimes = 0.25;

    /// <summary>Days that lack, as a share.</summary>
    private const double MostLackingDays = 0.5;

    /// <summary>The least share of rows that is taken to lack at random.</summary>
    private const double LeastLacking = 0.05;

    /// <summary>The probability of what is no chance any more.</summary>
    private const double Chance = 0.02;

    /// <summary>The share of times in a week that may contradict the calendar of weekdays and times of day, such as an hour of maintenance.</summary>
    private const double MostContradictions = 0.05;

    private readonly SortedDictionary<long, int> _times = [];
    private readonly HashSet<(int Day, long Time)> _both = [];
    private readonly int[] _days = new int[7];
    private DateTime _first, _last;
    private int _rows, _dates;

    private Weekdays Weekdays =>
        (Weekdays)Enumerable.Range(0, 7).Where(day => _days[day] > 0).Sum(day => (int)BusinessCalendar.Flag((DayOfWeek)day));

    public static OccupiedTimes Read(ReadOnlySpan<DateTime> times)
    {
        var found = new OccupiedTimes { _first = times[0].Date, _last = times[^1].Date };
        for (var i = 0; i < times.Length; i++)
        {
            if (i > 0 && times[i] <= times[i - 1]) continue;
            found._rows++;
            if (found._times.Count <= MostTimesOfDay)
            {
                var clock = times[i].TimeOfDay.Ticks;
                found._times[clock] = found._times.GetValueOrDefault(clock) + 1;
                found._both.Add(((int)times[i].DayOfWeek, clock));
            }
            if (i > 0 && times[i].Date == times[i - 1].Date) continue;
            found._dates++;
            found._days[(int)times[i].DayOfWeek]++;
        }
        return found;
    }

    /// <summary>The frequency of a step with the weekdays and times of day that occur; null if other times occur on some weekdays than on others.</summary>
    public TimeFrequency? Restrict(TimeFrequency frequency, TimeSpan step)
    {
        var perDay = TimeSpan.TicksPerDay / step.Ticks;
        if (step > TimeSpan.FromDays(1) || TimeSpan.TicksPerDay % step.Ticks != 0 || _times.Count > MostTimesOfDay) return frequency;
        if (perDay == 1) return LeavesOutDays() ? OfDays() : frequency;
        // Beside the steps there are some between them.
        if (_times.Keys.Any(time => (time - _times.Keys.First()) % step.Ticks != 0)) return frequency;
        if (Contradicts()) return null;
        var leavesOutTimes = _times.Count < perDay && Lacking <= MostLackingTimes && _dates > 2 && IsNoChance(Lacking, _dates, perDay);
        return frequency with { Weekdays = LeavesOutDays() ? Weekdays : Weekdays.All, TimesOfDay = leavesOutTimes ? TimesOfDay() : [] };
    }

    /// <summary>The weekdays, or the times of each day, where no step leads from one to the next; null if there are none.</summary>
    public TimeFrequency? FindWithoutStep()
    {
        if (_times.Count == 1) return LeavesOutDays() ? OfDays() : null;
        if (_times.Count > MostIrregularTimes || _dates < 3 || Lacking > MostLackingTimes || Contradicts()) return null;
        // A time that is there on some days only is none of each day.
        if (_times.Values.Any(count => count < MostLackingDays * _dates)) return null;
        return new(TimeUnit.Day) { Weekdays = LeavesOutDays() ? Weekdays : Weekdays.All, TimesOfDay = TimesOfDay() };
    }

    // Rows that lack on the days with rows, as a share.
    private double Lacking => 1 - _rows / ((double)_dates * _times.Count);

    private System.Collections.Immutable.ImmutableArray<TimeOnly> TimesOfDay() => [.. _times.Keys.Select(time => new TimeOnly(time))];

    private TimeFrequency OfDays() =>
        Weekdays is Weekdays.MondayToFriday ? new(TimeUnit.BusinessDay) : new TimeFrequency(TimeUnit.Day) { Weekdays = Weekdays };

    private bool LeavesOutDays()
    {
        var span = (_last - _first).Days + 1;
        var possible = Enumerable.Range(0, Math.Min(span, 7)).Where(day => _days[(int)_first.AddDays(day).DayOfWeek] > 0)
            .Sum(day => (span - day + 6) / 7);
        var lacking = 1 - _dates / (double)possible;
        return possible < span && lacking <= MostLackingDays && IsNoChance(lacking, span - possible, 7);
    }

    // Whether weekdays have times of day of their own.
    private bool Contradicts()
    {
        var (cells, never) = (BusinessCalendar.Count(Weekdays) * _times.Count, 0);
        for (var day = 0; day < 7; day++)
        {
            // The first and the last day may be parts of days.
            if (_days[day] > 2 && IsNoChance(Lacking, _days[day] - 1, cells)) never += _times.Keys.Count(time => !_both.Contains((day, time)));
        }
        return never > MostContradictions * cells;
    }

    // The probability that any of some times lacks in all its occurrences.
    private static bool IsNoChance(double lacking, int occurrences, long of) => Math.Pow(Math.Max(lacking, LeastLacking), occurrences) * of < Chance;
}
