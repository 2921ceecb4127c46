using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Inspection;

[TestClass]
public sealed class LeakFinderTests
{
    private const int Rows = 200;

    // Draws without a pattern from row to row.
    private static readonly double[] s_label = Draw(1);

    private static double[] Draw(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Rows).Select(_ => 1 + Math.Round(random.NextDouble() * 100, 3))];
    }

    private static LeakingColumn[] Find(Func<int, string> column, Func<int, string>? label = null, params string[] ignored)
    {
        var path = Path.GetTempFileName();
        try
        {
            label ??= row => Say(s_label[row]);
            File.WriteAllLines(path, ["a,label", .. Enumerable.Range(0, Rows).Select(row => $"{column(row)},{label(row)}")]);
            var source = TableSource.Open(path, new() { HasHeader = true });
            return [.. LeakFinder.Find(source, TableProfile.Read(source), "label", ignored)];
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Say(double value) => value.ToString(CultureInfo.InvariantCulture);

    [TestMethod]
    public void A_copy_is_found_also_where_few_rows_differ()
    {
        Assert.AreEqual("equals the label in all of the rows", Find(row => Say(s_label[row])).Single().Reason);
        Assert.AreEqual("equals the label in 99.5% of the rows", Find(row => row == 7 ? "50" : Say(s_label[row])).Single().Reason);
        Assert.IsEmpty(Find(row => row % 20 == 0 ? "50" : Say(s_label[row])));
        Assert.IsEmpty(Find(row => Say(s_label[row]), null, "a"));
    }

    [TestMethod]
    public void Other_units_and_logarithms_are_found()
    {
        StringAssert.StartsWith(Find(row => Say(Math.Round(32 - 1.8 * s_label[row], 1))).Single().Reason, "is a linear function of the label (");
        StringAssert.StartsWith(Find(row => Say(Math.Round(Math.Log10(s_label[row]), 4))).Single().Reason, "is a linear function of the label's logarithm (");
    }

    [TestMethod]
    public void The_label_of_the_next_row_is_found_but_not_that_of_the_row_before()
    {
        Assert.AreEqual("holds the label of the next row in all of the rows", Find(row => Say(s_label[Math.Min(row + 1, Rows - 1)])).Single().Reason);
        Assert.IsEmpty(Find(row => Say(s_label[Math.Max(row - 1, 0)])));
    }

    [TestMethod]
    public void Columns_that_only_go_together_are_no_leaks()
    {
        var noise = Draw(2);
        Assert.IsEmpty(Find(row => Say(s_label[row] + noise[row] / 20)), "a correlation of .999");
        Assert.IsEmpty(Find(row => Say(1000 * row + noise[row]), row => Say(1000 * row + s_label[row])), "two trends");
    }

    [TestMethod]
    public void Other_names_of_classes_are_found()
    {
        StringAssert.StartsWith(Find(row => row * 7 % 3 == 0 ? "1" : "0", row => row * 7 % 3 == 0 ? "yes" : "no").Single().Reason, "names the label");
        Assert.IsEmpty(Find(row => row % 2 == 0 ? "1" : "0", row => row * 7 % 3 == 0 ? "yes" : "no"));
        Assert.IsEmpty(Find(row => $"id{row}", row => row * 7 % 3 == 0 ? "yes" : "no"), "an identifier tells the label of its row alone");
    }
}
