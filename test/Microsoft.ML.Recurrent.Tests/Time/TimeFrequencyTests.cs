using FsCheck;
using FsCheck.Fluent;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Time;

[TestClass]
public sealed class TimeFrequencyTests
{
    private static readonly DateTime s_start = new(2024, 1, 31, 6, 0, 0);

    [TestMethod]
    [DataRow(TimeUnit.Second, 10, 360)]
    [DataRow(TimeUnit.Minute, 15, 96)]
    [DataRow(TimeUnit.Hour, 1, 24)]
    [DataRow(TimeUnit.Hour, 5, 1)]
    [DataRow(TimeUnit.Day, 1, 7)]
    [DataRow(TimeUnit.BusinessDay, 1, 5)]
    [DataRow(TimeUnit.Week, 1, 52)]
    [DataRow(TimeUnit.Month, 1, 12)]
    [DataRow(TimeUnit.Month, 3, 4)]
    [DataRow(TimeUnit.Year, 1, 1)]
    public void A_frequency_has_its_season_and_is_found_again(TimeUnit unit, int multiple, int season)
    {
        var frequency = new TimeFrequency(unit, multiple);
        Assert.AreEqual(season, frequency.Season);
        DateTime[] times = [.. Enumerable.Range(0, 40).Select(step => frequency.Add(s_start, step))];
        // The start is a month's end, and so are the months that follow.
        var found = frequency with { AtMonthEnd = unit is TimeUnit.Month };
        Assert.AreEqual(found, TimeFrequency.Detect(times));
        // A gap, a repeated time.
        Assert.AreEqual(found, TimeFrequency.Detect([.. times[..20], times[19], .. times[23..]]));
    }

    [TestMethod]
    public void Two_times_tell_a_step_and_one_tells_nothing()
    {
        Assert.IsNull(TimeFrequency.Detect([]));
        Assert.IsNull(TimeFrequency.Detect([s_start]));
        Assert.IsNull(TimeFrequency.Detect([s_start, s_start]));
        Assert.AreEqual(new(TimeUnit.Day, 2), TimeFrequency.Detect([s_start, s_start.AddDays(2)]));
        Assert.AreEqual(new(TimeUnit.Month), TimeFrequency.Detect([new(2024, 3, 1), new(2024, 4, 1)]));
        Assert.IsNull(TimeFrequency.Detect([s_start, s_start.AddHours(1), s_start.AddHours(5), s_start.AddHours(12)]), "no common step");
    }

    [TestMethod]
    public void Weekends_make_days_of_business_days()
    {
        DateTime[] week = [.. Enumerable.Range(0, 10).Select(day => new DateTime(2024, 1, 1).AddDays(day))];
        Assert.AreEqual(TimeUnit.Day, TimeFrequency.Detect(week)!.Unit);
        Assert.AreEqual(TimeUnit.BusinessDay,
            TimeFrequency.Detect([.. week.Where(day => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))])!.Unit);
        Assert.AreEqual(new DateTime(2024, 1, 8), new TimeFrequency(TimeUnit.BusinessDay).Add(new(2024, 1, 5), 1));
        Assert.AreEqual(new DateTime(2024, 1, 5), new TimeFrequency(TimeUnit.BusinessDay).Add(new(2024, 1, 8), -1));
    }

    [TestMethod]
    public void Fixed_steps_come_and_go() =>
        Prop.ForAll(Gen.Choose(1, 100_000).ToArbitrary(), seconds =>
        {
            var frequency = TimeFrequency.Create(TimeSpan.FromSeconds(seconds))!;
            return frequency.Add(s_start, 1) - s_start == TimeSpan.FromSeconds(seconds) && frequency.Add(frequency.Add(s_start, 7), -7) == s_start;
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void Words_and_errors()
    {
        Assert.AreEqual("hour", new TimeFrequency(TimeUnit.Hour).ToString());
        Assert.AreEqual("30 minutes", new TimeFrequency(TimeUnit.Minute, 30).ToString());
        Assert.AreEqual("business day", new TimeFrequency(TimeUnit.BusinessDay).ToString());
        Assert.AreEqual("3 months, at month ends", new TimeFrequency(TimeUnit.Month, 3) { AtMonthEnd = true }.ToString());
        Assert.AreEqual(new(TimeUnit.Millisecond, 1500), TimeFrequency.Create(TimeSpan.FromMilliseconds(1500)));
        Assert.IsNull(TimeFrequency.Create(TimeSpan.FromTicks(1500)));
        Assert.AreEqual("Multiple", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TimeFrequency(TimeUnit.Hour, 0)).ParamName);
    }
}
