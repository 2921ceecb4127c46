namespace Microsoft.ML.Recurrent.Time;

/// <summary>Infers the frequency of times (<see cref="TimeFrequency.Detect"/>).</summary>
internal static class FrequencyDetection
{
    /// <summary>A step has to lead to all times but this share.</summary>
    private const double MostOffSteps = 0.1;

    /// <summary>By how much clocks are changed.</summary>
    private static readonly TimeSpan ClockChange = TimeSpan.FromHours(1);

    /// <summary>Infers the frequency of instants: days and longer steps, weekdays and times of day are those of a zone.</summary>
    /// <param name="instants">Instants in order.</param>
    /// <param name="zone">The zone; null for the times as they are.</param>
    public static TimeFrequency? Find(ReadOnlySpan<long> instants, TimeZoneInfo? zone)
    {
        var times = new DateTime[instants.Length];
        for (var i = 0; i < times.Length; i++) times[i] = new DateTime(instants[i]);
        if (zone is null) return Find(times);
        var local = Find(Array.ConvertAll(times, time => LocalTime.FromInstant(time, zone)));
        if (local is not null && !(local.IsFixed && local.Length < TimeSpan.FromDays(1))) return local;
        // Hours do not depend on the clock, unless they are the same hours of each day.
        if (local is null) return Find(times) is { IsFixed: true } fixedStep && fixedStep.Length < TimeSpan.FromDays(1) ? fixedStep : null;
        var step = local.Length;
        if ((times[^1] - times[0]).Ticks % step.Ticks == 0) return local;
        if (TimeSpan.TicksPerDay % step.Ticks != 0) return null;
        var phase = LocalTime.FromInstant(times[0], zone).TimeOfDay.Ticks % step.Ticks;
        return local with { TimesOfDay = [.. Enumerable.Range(0, local.StepsPerDay).Select(i => new TimeOnly(phase + i * step.Ticks))] };
    }

    /// <inheritdoc cref="TimeFrequency.Detect"/>
    public static TimeFrequency? Find(ReadOnlySpan<DateTime> times)
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
        if (2 * common >= total && Leads(length, times[^1] - times[0]) &&
            steps.Where(step => !Leads(length, step.Key)).Sum(step => step.Value) <= MostOffSteps * total)
        {
            if (length == TimeSpan.FromDays(1) && !weekend && total >= 5) return new(TimeUnit.BusinessDay);
            return TimeFrequency.Create(length) is { } regular ? OccupiedTimes.Read(times).Restrict(regular, length) : null;
        }
        return OccupiedTimes.Read(times).FindWithoutStep() ?? (MostOf(loose) is var (around, often) && 2 * often > total ? Months(around) : null);

        static TimeFrequency Months(int months) => months % 12 == 0 ? new(TimeUnit.Year, months / 12) : new(TimeUnit.Month, months);

        static (int Key, int Count) MostOf(Dictionary<int, int> counts) =>
            counts.OrderByDescending(pair => pair.Value).Select(pair => (pair.Key, pair.Value)).FirstOrDefault();
    }

    // Whether whole steps make a time span. Those of days make it up to a change of the clock between.
    private static bool Leads(TimeSpan step, TimeSpan span)
    {
        var rest = span.Ticks % step.Ticks;
        return Math.Min(rest, step.Ticks - rest) <= (step.Days > 0 ? ClockChange.Ticks : 0);
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
}
