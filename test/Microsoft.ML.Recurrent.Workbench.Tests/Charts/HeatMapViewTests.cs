using System.Globalization;
using System.Xml.Linq;
using Microsoft.ML.Recurrent.Workbench.Charts;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Charts;

[TestClass]
public sealed class HeatMapViewTests
{
    private static readonly HeatMap s_map = new()
    {
        Title = "A <map> & more",
        Description = "What it shows.",
        ColumnTitle = "Hour",
        RowTitle = "Day",
        ValueTitle = "Error",
        Columns = ["1", "2", "3"],
        Rows = ["Monday", "Tuesday"],
        Values = [[-2, 0, 1], [double.NaN, 4, -4]],
    };

    [TestMethod]
    public async Task Draws_a_cell_for_each_number_in_its_colour()
    {
        var svg = XElement.Parse(await PageRenderer.RenderAsync(s_map));
        XElement[] cells = [.. svg.Elements().Single(element => (string?)element.Attribute("class") == "cells").Elements()
            .Where(cell => cell.Attribute("fill-opacity") is not null)];
        Assert.HasCount(5, cells, "NaN leaves its cell empty");
        CollectionAssert.AreEqual((string[])["below", "above", "above", "above", "below"], cells.Select(cell => (string)cell.Attribute("class")!).ToArray());
        CollectionAssert.AreEqual((double[])[0.5, 0, 0.25, 1, 1],
            cells.Select(cell => double.Parse((string)cell.Attribute("fill-opacity")!, CultureInfo.InvariantCulture)).ToArray());
        Assert.AreEqual(s_map.Title, svg.Elements().First().Value);
        foreach (var name in (string[])["Monday", "Tuesday", "Hour", "Day", "Error", "-4", "4"])
            Assert.IsTrue(svg.Descendants().Any(text => text.Name.LocalName == "text" && text.Value == name), name);
    }

    [TestMethod]
    public void Places_cells_inside_and_names_what_has_room()
    {
        var large = s_map with
        {
            Columns = [.. Enumerable.Range(0, 96).Select(i => $"2024-01-{i:00}")],
            Rows = [.. Enumerable.Range(0, 200).Select(i => $"series {i}")],
            Values = [.. Enumerable.Range(0, 200).Select(row => Enumerable.Range(0, 96).Select(column => (double)(row * column)).ToArray())
                .Select(row => (System.Collections.Immutable.ImmutableArray<double>)[.. row])],
        };
        var place = new HeatMapLayout(large);
        Assert.IsFalse(place.Signed);
        Assert.IsTrue(place.X(96) <= large.Width && place.Y(200) < place.Height && place.Height < 800);
        int[] rows = [.. place.NamedRows], columns = [.. place.NamedColumns];
        NumberAssert.IsGreaterThanOrEqualTo(11, place.Y(rows[1]) - place.Y(rows[0]), "names do not lie on one another");
        NumberAssert.IsGreaterThan(10 * 6, place.X(columns[1]) - place.X(columns[0]));
        Assert.AreEqual(1, place.Strength(199 * 95), "the extreme cells share the strongest colour");
        NumberAssert.IsLessThan(199 * 95, place.Strongest);
    }

    [TestMethod]
    public void Values_that_do_not_fit_are_an_error()
    {
        Assert.AreEqual("map", Assert.ThrowsExactly<ArgumentException>(() => new HeatMapLayout(s_map with { Rows = ["one"] })).ParamName);
        Assert.AreEqual("map", Assert.ThrowsExactly<ArgumentException>(() => new HeatMapLayout(s_map with { Columns = ["one"] })).ParamName);
    }

    [TestMethod]
    public void A_map_of_nothing_has_no_colour()
    {
        var place = new HeatMapLayout(s_map with { Values = [[0, 0, 0], [double.NaN, 0, 0]] });
        Assert.AreEqual(0, place.Strength(0));
    }
}
