using System.Globalization;
using System.Xml.Linq;
using Microsoft.ML.Recurrent.Workbench.Charts;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Charts;

[TestClass]
public sealed class LineChartViewTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    private static readonly LineChart s_chart = new()
    {
        Title = "A <chart> & more",
        Description = "What it shows.",
        XAxis = new("Step"),
        YAxis = new("Value"),
        Series =
        [
            new("First", [new(0, 1), new(1, 3), new(2, double.NaN), new(3, 2), new(4, 5)]) { Dots = true },
            new("Second", [new(0, 2), new(4, 4)]) { Color = 2, Style = LineStyle.Dashed },
        ],
        Bands = [new("Range", [new(1, 2, 4), new(2, 1, 6)])],
        Dividers = [new(2, "here"), new(4, "at the end")],
    };

    [TestMethod]
    public async Task Draws_legend_axes_bands_and_lines()
    {
        var svg = await RenderAsync(s_chart);
        Assert.AreEqual("img", (string?)svg.Attribute("role"));
        Assert.AreEqual(s_chart.Title, svg.Element(s_svg + "title")!.Value);
        Assert.AreEqual(s_chart.Description, svg.Element(s_svg + "desc")!.Value);

        var legend = ByClass(svg, "legend").Single();
        CollectionAssert.AreEqual((string[])["First", "Second", "Range"], legend.Descendants(s_svg + "text").Select(text => text.Value).ToArray());

        string[] lines = [.. svg.Elements(s_svg + "path").Where(path => ((string)path.Attribute("class")!).StartsWith("line", StringComparison.Ordinal))
            .Select(path => (string)path.Attribute("d")!)];
        Assert.HasCount(2, lines);
        Assert.AreEqual(2, lines[0].Count(c => c == 'M'), "NaN breaks the line");
        Assert.AreEqual(2, lines[0].Count(c => c == 'L'));
        Assert.EndsWith("Z", (string)svg.Elements(s_svg + "path").Single(path => (string)path.Attribute("class")! == "band").Attribute("d")!);
        Assert.HasCount(4, svg.Descendants(s_svg + "circle").Where(circle => circle.Attribute("class") is null), "a dot for each number of the first line");
        Assert.HasCount(2, ByClass(svg, "divider"));
    }

    [TestMethod]
    public void Places_points_inside_the_plot()
    {
        var place = new LineChartLayout(s_chart);
        foreach (var point in s_chart.Series.SelectMany(series => series.Points).Where(point => place.CanDraw(point.Y)))
        {
            Assert.IsInRange(place.Left, place.Right, place.X(point.X));
            Assert.IsInRange(place.Top, place.Bottom, place.Y(point.Y));
        }
        NumberAssert.IsLessThan(place.X(1), place.X(0));
        NumberAssert.IsLessThan(place.Y(1), place.Y(3), "greater values lie higher");
        Assert.IsTrue(0 < place.Left && place.Left < place.Right && place.Right < s_chart.Width && 0 < place.Top && place.Top < place.Bottom
            && place.Bottom < s_chart.Height);
    }

    [TestMethod]
    public void Spaces_decades_evenly()
    {
        var chart = s_chart with
        {
            YAxis = new("", AxisKind.Logarithmic),
            Series = [new("Loss", [new(1, 1), new(2, 0.1), new(3, 0.01), new(4, 0)])],
            Bands = []
        };
        var place = new LineChartLayout(chart);
        Assert.AreEqual(place.Y(0.1) - place.Y(1), place.Y(0.01) - place.Y(0.1), 1e-9);
        Assert.AreEqual(2, place.Path(chart.Series[0]).Count(c => c == 'L'), "zero has no place on it");
    }

    [TestMethod]
    public void Wraps_a_long_legend()
    {
        var chart =
            s_chart with { Series = [.. Enumerable.Range(0, 12).Select(i => new ChartSeries($"A series with the long name {i}", [new(0, i), new(1, i)]))] };
        var place = new LineChartLayout(chart);
        NumberAssert.IsGreaterThan(1, place.Legend.Select(entry => entry.Y).Distinct().Count());
        Assert.IsTrue(place.Legend.All(entry => entry.X + 34 + entry.Name.Length * 6 < chart.Width));
        NumberAssert.IsGreaterThan(place.Legend[^1].Y + LineChartLayout.LegendTop, place.Top);
    }

    [TestMethod]
    public async Task Keeps_dividers_labels_inside()
    {
        var svg = await RenderAsync(s_chart);
        var last = svg.Descendants(s_svg + "text").Single(text => text.Value == "at the end");
        Assert.AreEqual("end", (string?)last.Attribute("text-anchor"));
    }

    [TestMethod]
    public async Task Writes_numbers_alike_in_every_culture()
    {
        var expected = await PageRenderer.RenderAsync(s_chart);
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        (var before, CultureInfo.CurrentCulture) = (CultureInfo.CurrentCulture, culture);
        try
        {
            Assert.AreEqual(expected, await PageRenderer.RenderAsync(s_chart));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    public async Task An_image_of_its_own_carries_its_style()
    {
        var svg = await RenderAsync(s_chart);
        StringAssert.Contains(svg.Element(s_svg + "style")!.Value, "prefers-color-scheme: dark");
        Assert.IsFalse(svg.ToString().Replace(s_svg.NamespaceName, "").Contains("http", StringComparison.Ordinal), "nothing is fetched");
    }

    [TestMethod]
    public async Task Draws_an_empty_chart() =>
        Assert.IsEmpty((await RenderAsync(s_chart with { Series = [], Bands = [], Dividers = [] })).Elements(s_svg + "path"));

    private static async Task<XElement> RenderAsync(LineChart chart) => XElement.Parse(await PageRenderer.RenderAsync(chart));

    private static IEnumerable<XElement> ByClass(XElement root, string name) =>
        root.Descendants().Where(element => (string?)element.Attribute("class") == name);
}
