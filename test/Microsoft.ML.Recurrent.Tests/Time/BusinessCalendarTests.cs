using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent.Tests.Time;

/// <summary>Series that skip weekdays or times of day regularly: their frequency, its steps, seasons and lags, which count rows.</summary>
[TestClass]
public sealed class BusinessCalendarTests
{
    private static readonly DateTime Start = new(2024, 1, 1);

    /// <summary>A name, the times, what is found, its season and its default lags.</summary>
    public static IEnumerable<object[]> Schedules
    {
        get
        {
            yield return Of("day, Monday to Saturday", Days(300, day => day is not DayOfWeek.Sunday), 6, [6, 24, 312]);
            yield return Of("day, Sunday to Thursday", Days(300, day => day is not (DayOfWeek.Friday or DayOfWeek.Saturday)), 5, [5, 20, 260]);
            yield return Of("business day", Days(300, IsWork), 5, [5, 20, 260]);
            yield return Of("day, Monday, Wednesday, Friday",
                Days(200, day => day is DayOfWeek.Monday or DayOfWeek.Wednesday or DayOfWeek.Friday), 3, [3, 12, 156]);
            yield return Of("30 minutes, 09:30 to 15:30, Monday to Friday", Hours(60, IsWork, 19, 31, 0.5), 13, [2, 13, 65]);
            yield return Of("hour, 09:00 to 16:00, Monday to Friday", Hours(60, IsWork, 9, 16, 1), 8, [8, 40]);
            yield return Of("hour, 09:00 to 16:00", Hours(40, _ => true, 9, 16, 1), 8, [8, 56]);
            yield return Of("hour, Monday to Friday", Hours(60, IsWork, 0, 23, 1), 24, [24, 120]);
            yield return Of("day, at 06:00, 22:00", Hours(40, _ => true, 6, 22, 16), 2, [2, 14]);
            yield return Of("30 minutes, at 09:00, 09:30, 10:00, 10:30, 11:00, 12:30, ... (10 a day), Monday to Friday",
                Array.FindAll(Hours(60, IsWork, 18, 29, 0.5), time => time.TimeOfDay.TotalHours is not (11.5 or 12)), 10, [2, 10, 50]);

            static object[] Of(string name, DateTime[] times, int season, int[] lags) => [name, (Func<DateTime[]>)(() => times), season, lags];
        }
    }

    /// <summary>Times that no calendar of weekdays and times of day describes.</summary>
    public static IEnumerable<object[]> Others
    {
        get
        {
            yield return Of("month", [.. Enumerable.Range(0, 36).Select(month => ThirdFriday(Start.AddMonths(month)))], 12);
            yield return Of("null", [.. Enumerable.Range(0, 36).SelectMany(month => new[] { Start.AddMonths(month), Start.AddMonths(month).AddDays(14) })], 1);
            // Fewer hours on Saturdays.
            yield return Of("null", Array.FindAll(Hours(90, day => day is not DayOfWeek.Sunday, 9, 16, 1),
                time => time.DayOfWeek is not DayOfWeek.Saturday || time.Hour < 11), 1);
            // The step changes half-way.
            yield return Of("null", [.. Enumerable.Range(0, 50).Select(i => Start.AddMinutes(60 * i)), .. Enumerable.Range(1, 30).Select(i =>
                Start.AddMinutes(60 * 49 + 77 * i))], 1);
            // The last row is off.
            yield return Of("null", [.. Hours(10, _ => true, 0, 23, 1), Start.AddDays(10).AddMinutes(17)], 1);
            // An hour of maintenance a week is a gap.
            yield return Of("hour", Array.FindAll(Hours(90, _ => true, 0, 23, 1), time => time is not { DayOfWeek: DayOfWeek.Sunday, Hour: 3 }), 24);
            yield return Of("2 days", [.. Days(40, _ => true).Where((_, i) => i % 2 == 0)], 1);

            static object[] Of(string name, DateTime[] times, int season) => [name, (Func<DateTime[]>)(() => times), season];
        }
    }

    private static bool IsWork(DayOfWeek day) => day is not (DayOfWeek.Saturday or DayOfWeek.Sunday);

    private static DateTime[] Days(int count, Func<DayOfWeek, bool> has) =>
        [.. Enumerable.Range(0, count).Select(day => Start.AddDays(day)).Where(day => has(day.DayOfWeek))];

    private static DateTime[] Hours(int days, Func<DayOfWeek, bool> has, int first, int last, double hours) => [.. from day in Days(days, has)
        from place in Enumerable.Range(0, (int)((last - first) / (hours < 1 ? 1 : hours)) + 1)
        select day.AddHours((hours < 1 ? first * hours : first) + place * hours)];

    private static DateTime ThirdFriday(DateTime month) => month.AddDays((5 - (int)month.DayOfWeek + 7) % 7 + 14);

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void Weekdays_and_hours_that_never_occur_are_no_steps(string name, Func<DateTime[]> schedule, int season, int[] lags)
    {
        var times = schedule();
        var frequency = TimeFrequency.Detect(times)!;
        Assert.AreEqual(name, frequency.ToString());
        Assert.AreEqual(season, frequency.Season);
        CollectionAssert.AreEqual(lags, Calendar.Lags(frequency, 400));
        for (var i = 1; i < times.Length; i++)
        {
            Assert.AreEqual(times[i], frequency.Add(times[i - 1], 1));
            Assert.AreEqual(times[i - 1], frequency.Add(times[i], -1));
            Assert.AreEqual(times[i], frequency.Add(times[0], i));
        }
        Assert.AreEqual(times.Length - 2, new TimeSteps(frequency).Count(times[0], times[^1]));
        CollectionAssert.AreEqual(times[1..^1], new TimeSteps(frequency).Between(times[0], times[^1]).ToArray());
        // Rows that lack here and there, as on holidays, change nothing.
        Assert.AreEqual(frequency, TimeFrequency.Detect([.. times.Where((_, i) => i % 23 != 11 || i == times.Length - 1)]));
    }

    [TestMethod]
    [DynamicData(nameof(Others))]
    public void What_fits_no_calendar_is_null(string name, Func<DateTime[]> times, int season)
    {
        var frequency = TimeFrequency.Detect(times());
        Assert.AreEqual(name, frequency?.ToString() ?? "null");
        Assert.AreEqual(season, frequency?.Season ?? 1);
    }

    [TestMethod]
    public void Rows_that_lack_at_random_make_no_calendar()
    {
        // As TrainTestSplit leaves them.
        var random = new Random(1);
        foreach (var share in (double[])[0.1, 0.2, 0.4])
        {
            var kept = Enumerable.Range(0, 800).Where(hour => hour is 0 or 799 || random.NextDouble() > share);
            DateTime[] hours = [.. kept.Select(hour => Start.AddHours(hour))];
            Assert.AreEqual(new(TimeUnit.Hour), TimeFrequency.Detect(hours));
        }
        Assert.AreEqual(new(TimeUnit.Day), TimeFrequency.Detect([.. Enumerable.Range(0, 12).Where(day => day != 6).Select(day => Start.AddDays(day))]));
    }

    [TestMethod]
    public void A_step_that_is_found_leads_from_the_first_time_to_the_last() =>
        Prop.ForAll(Gen.Choose(1, 300).ListOf(40).ToArbitrary(), Gen.Choose(1, 3).ToArbitrary(), (gaps, kind) =>
        {
            // Steps of an hour, but for some.
            var (time, times) = (Start, new List<DateTime>());
            foreach (var gap in gaps)
            {
                times.Add(time);
                time = time.AddMinutes(kind == 1 || gap % (4 * kind) != 0 ? 60 : gap);
            }
            var frequency = TimeFrequency.Detect([.. times]);
            if (frequency is null) return true;
            for (var step = 1; step < 100_000 && frequency.Add(times[0], step) is var next && next <= times[^1]; step++)
            {
                if (next == times[^1]) return true;
            }
            return false;
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void Times_off_the_calendar_go_to_the_next_step()
    {
        var trading = new TimeFrequency(TimeUnit.Minute, 30)
        {
            Weekdays = Weekdays.MondayToFriday, TimesOfDay = [.. Enumerable.Range(19, 13).Select(half => new TimeOnly(half / 2, half % 2 * 30))],
        };
        var (friday, monday) = (new DateTime(2024, 1, 5), new DateTime(2024, 1, 8));
        Assert.AreEqual(monday.AddHours(9.5), trading.Add(friday.AddHours(15.5), 1));
        Assert.AreEqual(monday.AddHours(9.5), trading.Add(friday.AddHours(20), 1));
        Assert.AreEqual(monday.AddHours(10), trading.Add(friday.AddDays(1), 2));
        Assert.AreEqual(friday.AddHours(15.5), trading.Add(friday.AddDays(1), -1));
        Assert.AreEqual(friday.AddHours(15), trading.Add(monday.AddHours(9.5), -2));
        Assert.AreEqual(friday.AddDays(1), trading.Add(friday.AddDays(1), 0));
        Assert.AreEqual(0, new TimeSteps(trading).Count(friday.AddHours(15.5), monday.AddHours(9.5)));
        Assert.AreEqual(13, new TimeSteps(trading).Count(friday.AddHours(15.5), monday.AddDays(1).AddHours(9.5)));
        Assert.IsTrue(new TimeSteps(trading).IsLeftOut(monday.AddHours(9)));
        Assert.IsFalse(new TimeSteps(trading).IsLeftOut(monday.AddHours(10)));
        // From 2024 to 9999 without a loop.
        NumberAssert.IsGreaterThan(25_000_000, new TimeSteps(trading).Count(friday, new(9999, 1, 1)));
        Assert.AreEqual(DateTime.MaxValue, new TimeSteps(trading).AddOrEnd(friday, int.MaxValue));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trading.Add(new(1, 1, 2), -100));
        // Two business days at a time.
        Assert.AreEqual(monday.AddDays(1), new TimeFrequency(TimeUnit.BusinessDay, 2).Add(friday, 1));
    }

    [TestMethod]
    public void Calendars_are_equal_by_value_and_are_checked()
    {
        var hours = new TimeFrequency(TimeUnit.Hour) { TimesOfDay = [new(9, 0), new(10, 0)] };
        Assert.AreEqual(hours, new TimeFrequency(TimeUnit.Hour) { TimesOfDay = [new(9, 0), new(10, 0)] });
        Assert.AreEqual(hours.GetHashCode(), new TimeFrequency(TimeUnit.Hour) { TimesOfDay = [new(9, 0), new(10, 0)] }.GetHashCode());
        Assert.AreNotEqual(hours, hours with { Weekdays = Weekdays.Monday });
        // The copy has steps of its own.
        Assert.AreEqual(new DateTime(2024, 1, 2, 9, 0, 0), hours.Add(new(2024, 1, 1, 10, 0, 0), 1));
        Assert.AreEqual(new DateTime(2024, 1, 8, 9, 0, 0), (hours with { Weekdays = Weekdays.Monday }).Add(new(2024, 1, 1, 10, 0, 0), 1));
        Assert.AreEqual(Weekdays.MondayToFriday, new TimeFrequency(TimeUnit.BusinessDay).Weekdays);
        Assert.AreEqual("Weekdays", Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new TimeFrequency(TimeUnit.Day) { Weekdays = Weekdays.None }).ParamName);
        Assert.AreEqual("Weekdays", Assert.ThrowsExactly<ArgumentException>(() => new TimeFrequency(TimeUnit.Month) { Weekdays = Weekdays.Monday }).ParamName);
        Assert.AreEqual("TimesOfDay", Assert.ThrowsExactly<ArgumentException>(() => new TimeFrequency(TimeUnit.Week) { TimesOfDay = [new(9, 0)] }).ParamName);
        Assert.AreEqual("TimesOfDay", Assert.ThrowsExactly<ArgumentException>(
            () => new TimeFrequency(TimeUnit.Hour) { TimesOfDay = [new(9, 0), new(9, 0)] }).ParamName);
        Assert.AreEqual("TimesOfDay", Assert.ThrowsExactly<ArgumentException>(
            () => new TimeFrequency(TimeUnit.Hour, 5) { TimesOfDay = [new(9, 0)] }).ParamName);
    }
}
