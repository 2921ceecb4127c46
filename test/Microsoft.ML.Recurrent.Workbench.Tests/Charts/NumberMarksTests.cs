using Microsoft.ML.Recurrent.Workbench.Charts;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Charts;

[TestClass]
public sealed class NumberMarksTests
{
    [TestMethod]
    [DataRow(104.0, 622.0, 6, "100|200|300|400|500|600|700")]
    [DataRow(-0.3, 0.31, 6, "-0.4|-0.2|0.0|0.2|0.4")]
    [DataRow(0.0, 1.0, 4, "0.00|0.25|0.50|0.75|1.00")]
    [DataRow(0.0, 5000.0, 5, "0|1,000|2,000|3,000|4,000|5,000")]
    public void Marks_round_numbers_around_the_range(double minimum, double maximum, int about, string labels)
    {
        var marks = NumberMarks.Between(minimum, maximum, about, whole: false);
        Assert.AreEqual(labels, string.Join('|', marks.Marks.Select(mark => mark.Label)));
        NumberAssert.IsLessThanOrEqualTo(minimum, marks.Minimum);
        NumberAssert.IsGreaterThanOrEqualTo(maximum, marks.Maximum);
    }

    [TestMethod]
    public void Keeps_to_whole_numbers_and_their_range()
    {
        var marks = NumberMarks.Between(1, 4, 9, whole: true);
        CollectionAssert.AreEqual((string[])["1", "2", "3", "4"], marks.Marks.Select(mark => mark.Label).ToArray());
        Assert.AreEqual((1.0, 4.0), (marks.Minimum, marks.Maximum));
    }

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(-5.0)]
    [DataRow(1e9)]
    public void Gives_one_value_a_range(double value)
    {
        var marks = NumberMarks.Between(value, value, 5, whole: false);
        Assert.IsTrue(marks.Minimum < value && value < marks.Maximum);
        NumberAssert.IsGreaterThanOrEqualTo(2, marks.Marks.Count);
        Assert.HasCount(marks.Marks.Count, marks.Marks.Select(mark => mark.Label).Distinct());
    }

    [TestMethod]
    public void Distinguishes_every_mark_at_any_size()
    {
        for (var size = 1e-5; size < 1e12; size *= 7.3)
            for (double offset = 0; offset < 3; offset++)
            {
                var marks = NumberMarks.Between(offset * size, (offset + 1.37) * size, 6, whole: false);
                Assert.IsTrue(marks.Marks.Count is > 2 and < 12, $"{marks.Marks.Count} marks at {size}");
                Assert.HasCount(marks.Marks.Count, marks.Marks.Select(mark => mark.Label).Distinct(),
                    $"at {size}: {string.Join(' ', marks.Marks.Select(mark => mark.Label))}");
            }
    }

    [TestMethod]
    [DataRow(0.013, 1.2, "0.01|0.02|0.05|0.1|0.2|0.5|1|2")]
    [DataRow(1.0, 100.0, "1|2|5|10|20|50|100")]
    [DataRow(0.5, 20000.0, "0.1|1|10|100|1000|10000|100000")]
    [DataRow(3.0, 3.0, "2|5")]
    public void Marks_decades(double minimum, double maximum, string labels) =>
        Assert.AreEqual(labels, string.Join('|', NumberMarks.Decades(minimum, maximum).Marks.Select(mark => mark.Label)));
}
