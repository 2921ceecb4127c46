using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Charts;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Charts;

[TestClass]
public sealed class TimeMarksTests
{
    [TestMethod]
    [DataRow("1949-01-01", "1960-12-01", 6, "1950|1952|1954|1956|1958|1960")]
    [DataRow("2016-07-01", "2018-06-26", 8, "Jul 2016|Oct 2016|Jan 2017|Apr 2017|Jul 2017|Oct 2017|Jan 2018|Apr 2018")]
    [DataRow("2024-02-27", "2024-03-03", 6, "27 Feb|28 Feb|29 Feb|1 Mar|2 Mar|3 Mar")]
    [DataRow("2024-01-01 00:30", "2024-01-01 06:00", 8, "01:00|02:00|03:00|04:00|05:00|06:00")]
    public void Marks_the_calendars_steps(string first, string last, int about, string labels) =>
        Assert.AreEqual(labels, string.Join('|', TimeMarks.Between(Parse(first), Parse(last), about).Marks.Select(mark => mark.Label)));

    [TestMethod]
    public void Keeps_every_mark_inside_the_range()
    {
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            DateTime first = new DateTime(1900, 1, 1).AddMinutes(random.Next(60_000_000)), last = first.AddMinutes(Math.Pow(10, 0.5 + 7 * random.NextDouble()));
            var marks = TimeMarks.Between(first, last, 8);
            Assert.IsTrue(marks.Marks.All(mark => mark.Value >= marks.Minimum - 1e-6 && mark.Value <= marks.Maximum + 1e-6), $"{first:s} {last:s}");
            Assert.IsTrue(marks.Marks.Count is >= 1 and <= 10, $"{marks.Marks.Count} marks from {first:s} to {last:s}");
        }
    }

    private static DateTime Parse(string time) => DateTime.Parse(time, CultureInfo.InvariantCulture);
}
