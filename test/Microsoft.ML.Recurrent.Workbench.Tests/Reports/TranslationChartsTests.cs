using System.Xml.Linq;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Reports;

/// <summary>The picture of the attention of a text.</summary>
[TestClass]
public sealed class TranslationChartsTests
{
    [TestMethod]
    public async Task Attention_is_a_cell_for_each_pair_of_tokens()
    {
        var text = new TranslatedText(["i", "help", "him"], ["je", "l'aide"], "je l'aide", -1, -1, true) { Attention = [[0.9f, 0.1f, 0], [0, 0.5f, 0.5f]] };
        var map = TranslationCharts.Attention(text);
        CollectionAssert.AreEqual(new[] { "je", "l'aide" }, map.Rows.ToArray());
        CollectionAssert.AreEqual(new[] { "i", "help", "him" }, map.Columns.ToArray());
        Assert.AreEqual(0.9, map.Values[0][0], 1e-6);
        XNamespace svg = "http://www.w3.org/2000/svg";
        var picture = XDocument.Parse(await PageRenderer.RenderAsync(map));
        var cells = picture.Descendants(svg + "g").Single(group => (string?)group.Attribute("class") == "cells").Elements(svg + "rect");
        // With the frame.
        Assert.HasCount(7, cells);
        var texts = picture.Descendants(svg + "text").Select(element => element.Value).ToArray();
        CollectionAssert.IsSubsetOf(new[] { "je", "l'aide", "i", "help", "him" }, texts);
        Assert.ThrowsExactly<ArgumentException>(() => TranslationCharts.Attention(text with { Attention = [] }));
    }
}
