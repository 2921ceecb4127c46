using System.Globalization;
using System.Text;
using Microsoft.ML.Recurrent.Workbench.Inspection;
using Microsoft.ML.Recurrent.Workbench.Tables;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Inspection;

[TestClass]
public sealed class TableProfileTests
{
    private static ColumnProfile Column(params string[] cells)
    {
        var path = Path.GetTempFileName();
        try
        {
            // A second column keeps rows without a value.
            File.WriteAllText(path, new StringBuilder("value;other\n").AppendJoin('\n', cells.Select(cell => $"{cell};x")).ToString());
            return TableProfile.Read(TableSource.Open(path, new() { Separator = ';', DecimalMarker = '.', HasHeader = true })).Columns[0];
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    [DataRow(ColumnKind.Number, "1", "-2.5", "3e4")]
    [DataRow(ColumnKind.Number, "1", "NA", "2")]
    [DataRow(ColumnKind.Number, "2019", "2020")]
    [DataRow(ColumnKind.Time, "2019-01-31", "2019-02-01")]
    [DataRow(ColumnKind.Time, "20190131", "20190201")]
    [DataRow(ColumnKind.Time, "2019-01", "2019-02")]
    [DataRow(ColumnKind.Time, "2019-01-31T10:00:00Z", "2019-02-01T00:00:00Z")]
    [DataRow(ColumnKind.Time, "1/31/2019 3:00 PM", "2/1/2019 12:00 AM")]
    [DataRow(ColumnKind.Boolean, "true", "False")]
    [DataRow(ColumnKind.Empty, "", "NA")]
    [DataRow(ColumnKind.Text, "a", "1")]
    [DataRow(ColumnKind.Text, "2019-01-31", "2019-31-01")]
    [DataRow(ColumnKind.Text, "1", "Infinity")]
    public void The_kind_is_found(ColumnKind kind, params string[] cells) => Assert.AreEqual(kind, Column(cells).Kind);

    [TestMethod]
    public void Numbers_have_their_statistics()
    {
        var column = Column("3", "", "-1", "4");
        Assert.AreEqual((4L, 1L, 3, -1.0, 4.0, 2.0, true, false),
            (column.Rows, column.Missing, column.Distinct, column.Minimum, column.Maximum, column.Mean, column.IsWhole, column.IsConstant));
        Assert.IsTrue(Column("7", "7").IsConstant);
    }

    [TestMethod]
    public void Day_and_month_in_doubt_are_told()
    {
        var doubtful = Column("10/03/2024", "11/03/2024");
        Assert.AreEqual((true, false), (doubtful.TimeFormat!.IsDayFirst, doubtful.OtherTimeFormat!.IsDayFirst));
        var clear = Column("10/03/2024", "13/03/2024");
        Assert.AreEqual((true, null), (clear.TimeFormat!.IsDayFirst, clear.OtherTimeFormat));
        Assert.AreEqual(new DateTime(2024, 3, 13), clear.Span!.Value.Last);
        var american = Column("03/10/2024", "03/13/2024");
        Assert.AreEqual((false, null), (american.TimeFormat!.IsDayFirst, american.OtherTimeFormat));
        // The first rows read both ways: their days count by the way that is left.
        Assert.AreEqual(new DateTime(2024, 3, 10), american.Span!.Value.First);
    }

    [TestMethod]
    public void Times_with_an_offset_are_in_utc()
    {
        var column = Column("2024-03-31T01:30:00+01:00", "2024-03-31T03:30:00+02:00");
        Assert.IsTrue(column.TimeFormat!.HasZone);
        Assert.AreEqual((new DateTime(2024, 3, 31, 0, 30, 0, DateTimeKind.Utc), new DateTime(2024, 3, 31, 1, 30, 0, DateTimeKind.Utc)), column.Span);
    }

    [TestMethod]
    public void The_first_value_of_another_kind_is_told_with_its_line()
    {
        Assert.AreEqual(("12..5", 4L), Column("1", "2", "12..5", "3").Exception);
        Assert.AreEqual(("31.12.2024", 3L), Column("2024-12-30", "31.12.2024", "2025-01-01", "2025-01-02").Exception);
        Assert.IsNull(Column("a", "b", "1").Exception);
    }

    [TestMethod]
    [DataRow(5)]
    [DataRow(64)]
    [DataRow(1000)]
    [DataRow(4097)]
    public void The_outline_has_the_means_of_equal_parts(int rows)
    {
        var outline = Column([.. Enumerable.Range(0, rows).Select(i => i.ToString(CultureInfo.InvariantCulture))]).Outline;
        var size = (int)Math.Pow(2, Math.Ceiling(Math.Log2(Math.Max(1, rows / 64.0))));
        Assert.HasCount((rows + size - 1) / size, outline);
        for (var part = 0; part < outline.Length; part++)
        {
            var (from, to) = (part * size, Math.Min(rows, (part + 1) * size));
            Assert.AreEqual((from + to - 1) / 2.0, outline[part], 1e-9);
        }
    }
}
