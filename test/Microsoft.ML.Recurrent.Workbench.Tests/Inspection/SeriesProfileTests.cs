using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Inspection;

[TestClass]
public sealed class SeriesProfileTests
{
    private static readonly DateTime s_start = new(2024, 3, 4);

    private sealed class Row
    {
        public DateTime Time { get; set; }

        public string Shop { get; set; } = "";

        public float Till { get; set; }

        public float[] Numbers { get; set; } = [];
    }

    private static IDataView View(IEnumerable<Row> rows) => new MLContext().Data.LoadFromEnumerable(rows);

    [TestMethod]
    public void Gaps_duplicates_and_order_are_counted()
    {
        // Hours 0 to 9 without 3, 4, 5 and 7; hour 8 twice; hour 1 before hour 0.
        int[] hours = [1, 0, 2, 6, 8, 8, 9];
        var series = SeriesProfile.Read(View(hours.Select(hour => new Row { Time = s_start.AddHours(hour) })), "Time").Single();
        Assert.AreEqual((7, 1, 1, 2, 4L), (series.Rows, series.Duplicates, series.Unordered, series.Gaps, series.MissingTimes));
        Assert.AreEqual((s_start.AddHours(2), 3L), series.LongestGap);
        Assert.AreEqual((TimeUnit.Hour, 1, s_start.AddHours(9)), (series.Frequency!.Unit, series.Frequency.Multiple, series.Last));
    }

    [TestMethod]
    public void Series_come_in_the_order_of_their_first_rows_by_all_their_columns()
    {
        var rows = from day in Enumerable.Range(0, 20)
                   from shop in (string[])["north", "south"]
                   from till in (float[])[2, 1.5f]
                   where shop == "north" || till == 2
                   select new Row { Time = s_start.AddDays(day * 7), Shop = shop, Till = till };
        var series = SeriesProfile.Read(View(rows), "Time", ["Shop", "Till"]);
        CollectionAssert.AreEqual(new[] { "north/2", "north/1.5", "south/2" }, series.Select(one => one.Name).ToArray());
        Assert.IsTrue(series.All(one => one is { Rows: 20, Gaps: 0, Unordered: 0, Frequency.Unit: TimeUnit.Week }));
    }

    [TestMethod]
    public void Months_and_business_days_have_no_gaps_of_their_own()
    {
        var months = SeriesProfile.Read(View(Enumerable.Range(0, 30).Select(i => new Row { Time = new DateTime(2020, 1, 31).AddMonths(i) })), "Time").Single();
        Assert.AreEqual((TimeUnit.Month, 0), (months.Frequency!.Unit, months.Gaps));
        var days = Enumerable.Range(0, 200).Select(i => s_start.AddDays(i)).Where(day => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday));
        var business = SeriesProfile.Read(View(days.Where(day => day != s_start.AddDays(50)).Select(day => new Row { Time = day })), "Time").Single();
        Assert.AreEqual((1, 1L), (business.Gaps, business.MissingTimes));
    }

    [TestMethod]
    public void One_row_and_times_without_a_step_have_no_frequency()
    {
        var one = SeriesProfile.Read(View([new Row { Time = s_start }]), "Time").Single();
        Assert.AreEqual((1, null, 0), (one.Rows, one.Frequency, one.Gaps));
        double[] hours = [0, 1.3, 5.01, 5.9, 11.7, 30.1];
        Assert.IsNull(SeriesProfile.Read(View(hours.Select(hour => new Row { Time = s_start.AddHours(hour) })), "Time").Single().Frequency);
        Assert.IsEmpty(SeriesProfile.Read(View([]), "Time"));
    }

    [TestMethod]
    public void Columns_that_are_no_times_or_names_are_refused()
    {
        var view = View([new Row { Time = s_start }]);
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => SeriesProfile.Read(view, "Tome")).Message, "'Time'", StringComparison.Ordinal);
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => SeriesProfile.Read(view, "Shop")).Message, "Shop", StringComparison.Ordinal);
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => SeriesProfile.Read(view, "Time", ["Numbers"])).Message, "Numbers",
            StringComparison.Ordinal);
    }
}
