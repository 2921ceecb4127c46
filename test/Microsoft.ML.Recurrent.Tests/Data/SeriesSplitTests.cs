using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Tests.Data;

[TestClass]
public sealed class SeriesSplitTests
{
    private static readonly MLContext s_context = new(1);

    private sealed class Row
    {
        public string Shop { get; set; } = "";

        public int Floor { get; set; }

        public float Hour { get; set; }
    }

    private static IDataView View(IEnumerable<Row> rows) => s_context.Data.LoadFromEnumerable(rows);

    private static string Say(IDataView rows) =>
        string.Join(' ', s_context.Data.CreateEnumerable<Row>(rows, reuseRowObject: false).Select(static row => $"{row.Shop}{row.Floor}:{row.Hour}"));

    [TestMethod]
    public void The_last_rows_of_each_series_are_held_out_with_their_context()
    {
        var rows = View(from hour in Enumerable.Range(0, 4)
                        from shop in (string[])["a", "b"]
                        where shop == "a" || hour < 3
                        select new Row { Shop = shop, Hour = hour });
        var (train, test) = s_context.Data.SplitSeries(rows, 1, nameof(Row.Hour), [nameof(Row.Shop)]);
        Assert.AreEqual("a0:0 b0:0 a0:1 b0:1 a0:2", Say(train));
        Assert.AreEqual("b0:2 a0:3", Say(test));
        Assert.AreEqual("b0:0 a0:1 b0:1 a0:2 b0:2 a0:3", Say(s_context.Data.SplitSeries(rows, 1, nameof(Row.Hour), [nameof(Row.Shop)], 2).TestSet));
    }

    [TestMethod]
    public void Series_are_ordered_by_time_and_named_by_all_their_columns()
    {
        Row[] rows = [.. from floor in Enumerable.Range(0, 2) from hour in (float[])[3, 1, 2] select new Row { Shop = "a", Floor = floor, Hour = hour }];
        var (train, test) = s_context.Data.SplitSeries(View(rows), 2, nameof(Row.Hour), [nameof(Row.Shop), nameof(Row.Floor)]);
        Assert.AreEqual("a0:1 a1:1", Say(train));
        Assert.AreEqual("a0:3 a0:2 a1:3 a1:2", Say(test));
        // Without a time column the order of the rows counts, without series columns all rows are one series.
        Assert.AreEqual("a1:2", Say(s_context.Data.SplitSeries(View(rows), 1).TestSet));
    }

    [TestMethod]
    public void A_short_series_is_held_out_whole_unless_none_is_left()
    {
        Row[] rows = [new() { Shop = "a", Hour = 1 }, new() { Shop = "b", Hour = 1 }, new() { Shop = "b", Hour = 2 }, new() { Shop = "b", Hour = 3 }];
        var (train, test) = s_context.Data.SplitSeries(View(rows), 2, nameof(Row.Hour), [nameof(Row.Shop)]);
        Assert.AreEqual("b0:1|a0:1 b0:2 b0:3", $"{Say(train)}|{Say(test)}");
        Assert.Contains("the longest series has 3 rows", Assert.Throws<ArgumentException>(() =>
            s_context.Data.SplitSeries(View(rows), 3, nameof(Row.Hour), [nameof(Row.Shop)])).Message);
    }

    [TestMethod]
    public void Wrong_arguments_are_named()
    {
        var rows = View([new() { Shop = "a" }]);
        Assert.AreEqual("testSteps", Assert.Throws<ArgumentOutOfRangeException>(() => s_context.Data.SplitSeries(rows, 0)).ParamName);
        Assert.AreEqual("contextSteps", Assert.Throws<ArgumentOutOfRangeException>(() => s_context.Data.SplitSeries(rows, 1, contextSteps: -1)).ParamName);
        Assert.Contains("'Our'", Assert.Throws<ArgumentException>(() => s_context.Data.SplitSeries(rows, 1, "Our")).Message);
        Assert.Contains("'Shops'", Assert.Throws<ArgumentException>(() => s_context.Data.SplitSeries(rows, 1, null, ["Shops"])).Message);
        Assert.Contains("no rows", Assert.Throws<ArgumentException>(() => s_context.Data.SplitSeries(View([]), 1)).Message);
    }
}
