using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Reports;

[TestClass]
public sealed class ForecastReportPageTests
{
    private static readonly DateTime s_start = new(2020, 1, 1);

    internal static readonly ForecastReport Report = new()
    {
        Title = "Beds & <breakfasts>",
        Introduction = "Ten months, the last three held out.",
        Unit = "Guests",
        Series = [.. Enumerable.Range(0, 10).Select(i => new SeriesValue(s_start.AddMonths(i), 100 + 10 * i))],
        HeldOutFrom = s_start.AddMonths(7),
        Forecasts =
        [
            Line("Network", 171, 178, 192) with { Interval = [(160, 180), (165, 190), (175, 205)], ConfidenceLevel = 0.9 },
            Line("Last value", 160, 160, 160),
        ],
        Notes = ["A third one is not compared: its library is missing."],
        Training = new()
        {
            Epochs = [new(1, 1.0, 1.2, 1e-3, 100), new(2, 0.5, 0.8, 1e-3, 100), new(3, 0.4, 0.9, 1e-3, 100)],
            BestEpoch = 2,
            End = TrainingEnd.EarlyStopping,
            Elapsed = TimeSpan.FromSeconds(1.5),
        },
        ModelSummary = "lstm  [8]  320",
        Facts = [("Parameters", "320")],
        Files = [("model file.zip", "the model")],
    };

    [TestMethod]
    public async Task Is_one_well_formed_document_that_fetches_nothing()
    {
        var html = await PageRenderer.RenderAsync(Report);
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\"", html);
        var page = Parse(html);
        Assert.AreEqual(Report.Title, page.Descendants().Single(element => element.Name.LocalName == "h1").Value);
        string[] addresses = [.. page.Descendants().Attributes()
            .Where(attribute => attribute.Name.LocalName is "src" or "href" && !attribute.IsNamespaceDeclaration).Select(attribute => attribute.Value)];
        CollectionAssert.AreEqual((string[])["model%20file.zip"], addresses, "the file beside it is the only address");
        Assert.IsEmpty(page.Descendants().Where(element => element.Name.LocalName is "script" or "link" or "img" or "iframe"));
        Assert.DoesNotContain("url(", html);
        Assert.DoesNotContain("@import", html);
    }

    [TestMethod]
    public async Task Names_everything_for_assistive_technology()
    {
        var page = Parse(await PageRenderer.RenderAsync(Report));
        string[] ids = [.. page.Descendants().Attributes("id").Select(id => id.Value)];
        Assert.HasCount(ids.Length, ids.Distinct(), "ids are unique");
        foreach (var id in page.Descendants().Attributes("aria-labelledby").SelectMany(names => names.Value.Split(' '))) CollectionAssert.Contains(ids, id);
        Assert.IsTrue(page.Descendants().Where(element => element.Name.LocalName is "section" or "svg")
            .All(element => element.Attribute("aria-labelledby") is not null));
        Assert.IsTrue(page.Descendants().Where(element => element.Name.LocalName == "th").All(cell => cell.Attribute("scope") is not null));
        Assert.HasCount(2, page.Descendants().Where(element => element.Name.LocalName == "svg"), "the forecast and the learning curve");
        Assert.HasCount(2, page.Descendants().Where(element => element.Name.LocalName == "details"), "and the figures of both");
    }

    [TestMethod]
    public async Task Tables_the_errors_and_marks_the_best()
    {
        var page = Parse(await PageRenderer.RenderAsync(Report));
        var table = page.Descendants().Single(element => (string?)element.Attribute("class") == "errors");
        string[][] rows = [.. table.Elements("tbody").Elements("tr").Select(row => row.Elements().Select(cell => cell.Value).ToArray())];
        CollectionAssert.AreEqual((string[])["Network (best)", "1.7", "1.7", "0.9%", "0.17"], rows[0]);
        CollectionAssert.AreEqual((string[])["Last value", "21.6", "20.0", "11.7%", "2.00"], rows[1]);
        Assert.AreEqual("best", (string?)table.Elements("tbody").Elements("tr").First().Attribute("class"));
        StringAssert.Contains(page.Value, Report.Notes[0]);
        StringAssert.Contains(page.Value,
            "3 epochs in 1.5 s; training stopped early, as the validation loss did not improve, and the weights of epoch 2 were kept.");
        StringAssert.Contains(page.Value, "90% interval");
    }

    [TestMethod]
    public async Task A_loaded_model_has_no_training_time()
    {
        var page = Parse(await PageRenderer.RenderAsync(Report with { Training = Report.Training with { Elapsed = null } }));
        StringAssert.Contains(page.Value, "3 epochs; training stopped early, as the validation loss did not improve, and the weights of epoch 2 were kept.");
    }

    [TestMethod]
    public async Task Does_without_epochs_interval_facts_and_files()
    {
        var report = Report with
        {
            Training = Report.Training with { Epochs = [], BestEpoch = 0, End = TrainingEnd.Cancelled },
            Forecasts = [Report.Forecasts[1]],
            Facts = [],
            Files = [],
            Notes = [],
        };
        var page = Parse(await PageRenderer.RenderAsync(report));
        Assert.HasCount(1, page.Descendants().Where(element => element.Name.LocalName == "svg"));
        Assert.IsEmpty(page.Descendants().Where(element => (string?)element.Attribute("id") == "files-heading"));
    }

    [TestMethod]
    public async Task Refuses_a_report_without_forecasts() =>
        Assert.AreEqual("report",
            (await Assert.ThrowsExactlyAsync<ArgumentException>(() => PageRenderer.RenderAsync(Report with { Forecasts = [] }))).ParamName);

    [TestMethod]
    public async Task Replaces_a_file_whole_or_not_at_all()
    {
        string folder = Directory.CreateTempSubdirectory().FullName, path = Path.Combine(folder, "page.html");
        try
        {
            await PageRenderer.WriteAsync(path, "old");
            await PageRenderer.WriteAsync(path, "new");
            await Assert.ThrowsAsync<OperationCanceledException>(() => PageRenderer.WriteAsync(path, "never", new CancellationToken(canceled: true)));
            Assert.AreEqual("new", File.ReadAllText(path));
            Assert.HasCount(1, Directory.GetFiles(folder), "nothing is left beside it");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ForecastLine Line(string name, params double[] values) => new(name,
        [.. values.Select((value, i) => new SeriesValue(s_start.AddMonths(7 + i), value))],
        ForecastMetrics.Measure([170, 180, 190], values, [100, 110, 120, 130, 140, 150, 160], 1));

    /// <summary>Reads the page as XML; it is well-formed except for void elements.</summary>
    internal static XElement Parse(string html)
    {
        using var reader = XmlReader.Create(new StringReader(Regex.Replace(html, "<meta ([^>]*[^/])>", "<meta $1/>")),
            new() { DtdProcessing = DtdProcessing.Ignore });
        return XElement.Load(reader);
    }
}
