using System.Xml.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Charts;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Reports;

[TestClass]
public sealed class BackTestPicturesTests
{
    private const int Horizon = 6;
    private static readonly DateTime s_start = new(2024, 3, 1);
    private static readonly BackTestResult s_one = Run("a"), s_two = Run("a", "b <& c>");

    private sealed class Row
    {
        public string Series { get; set; } = "";

        public DateTime Time { get; set; }

        public float Value { get; set; }
    }

    private sealed class Answer
    {
        [VectorType(Horizon)]
        public float[] Forecast { get; set; } = [];

        [VectorType(Horizon)]
        public float[] Lower { get; set; } = [];

        [VectorType(Horizon)]
        public float[] Upper { get; set; } = [];
    }

    /// <summary>Daily waves with noise, forecast with a bias of two.</summary>
    internal static BackTestResult Run(params string[] series)
    {
        var context = new MLContext(1);
        var random = new Random(2);
        Row[] rows =
            [.. Enumerable.Range(0, 300)
                .SelectMany(hour => series.Select((name, i) => new Row { Series = name, Time = s_start.AddHours(hour),
                    Value = 20 * (i + 1) + 5 * MathF.Sin(hour * MathF.PI / 12) + (float)random.NextDouble() }))];
        IEstimator<ITransformer> model = context.Transforms.CustomMapping<Row, Answer>((row, answer) =>
        {
            float[] forecast = [.. Enumerable.Repeat(row.Value + 2, Horizon)];
            (answer.Forecast, answer.Lower, answer.Upper) = (forecast, [.. forecast.Select(value => value - 6)], [.. forecast.Select(value => value + 6)]);
        }, contractName: null);
        return context.Forecasting.BackTest(context.Data.LoadFromEnumerable(rows), model, new()
        {
            TargetColumnName = "Value", SeriesColumnName = "Series", TimeColumnName = "Time", Horizon = Horizon, NumberOfOrigins = 20,
            LowerBoundColumnName = "Lower", UpperBoundColumnName = "Upper", ConfidenceLevel = 0.9f,
        });
    }

    [TestMethod]
    public void Forecasts_stand_at_their_times()
    {
        var chart = BackTestCharts.Forecasts(s_one, "Load");
        Assert.AreEqual(AxisKind.Time, chart.XAxis.Kind);
        CollectionAssert.AreEqual((string[])["Actual", "ETS", "Model"], chart.Series.Select(series => series.Name).ToArray());
        Assert.AreEqual("90% interval", chart.Bands.Single().Name);
        var last = s_one.Model.Forecasts[^1];
        ChartPoint[] shown = [.. chart.Series[2].Points.Where(point => !double.IsNaN(point.Y))];
        Assert.AreEqual(last.Origin.Time!.Value.AddHours(Horizon), DateTime.FromOADate(shown[^1].X));
        Assert.AreEqual(last.Forecast.Span[^1], shown[^1].Y);
        Assert.HasCount(20 * Horizon, shown);
        Assert.IsTrue(shown.Zip(shown.Skip(1)).All(pair => pair.First.X < pair.Second.X), "forecasts do not overlap");
        Assert.HasCount(2 * Horizon,
            BackTestCharts.Forecasts(s_one, "Load", maximumPoints: 2 * Horizon).Series[0].Points.Where(point => !double.IsNaN(point.Y)));
        Assert.AreEqual("series", Assert.ThrowsExactly<ArgumentException>(() => BackTestCharts.Forecasts(s_one, "Load", series: "none")).ParamName);
        Assert.AreEqual("target", Assert.ThrowsExactly<ArgumentException>(() => BackTestCharts.Forecasts(s_one, "Load", target: "none")).ParamName);
    }

    [TestMethod]
    public void Errors_are_drawn_by_step_origin_and_series()
    {
        var steps = BackTestCharts.ErrorByStep(s_two);
        Assert.HasCount(s_two.Forecasters.Length, steps.Series);
        Assert.AreEqual(s_two.Model.ByStep[3].MeanAbsoluteError, steps.Series[0].Points[3].Y);

        var origins = BackTestCharts.ErrorsByOrigin(s_one, unit: "MW");
        Assert.HasCount(20, origins.Columns);
        Assert.HasCount(Horizon, origins.Rows);
        var fifth = s_one.Model.Forecasts.Single(forecast => forecast.Origin.Index == 5);
        for (var step = 0; step < Horizon; step++) Assert.AreEqual(fifth.Residual(step), origins.Values[step][5], 1e-9);
        StringAssert.Contains(origins.ValueTitle, "MW");

        var series = BackTestCharts.ErrorsBySeries(s_two);
        CollectionAssert.AreEquivalent((string[])["a", "b <& c>"], series.Rows.ToArray());
        var row = series.Rows.IndexOf("a");
        var expected = s_two.Model.Forecasts.Where(forecast => forecast.Series == "a").Average(forecast => Math.Abs(forecast.Residual(2)) / forecast.Scale);
        Assert.AreEqual(expected, series.Values[row][2], 1e-9);
        Assert.HasCount(1, BackTestCharts.ErrorsBySeries(s_two, maximumRows: 1).Rows);
    }

    [TestMethod]
    public void Residuals_are_counted_once_and_their_autocorrelation_is_right()
    {
        var histogram = ResidualCharts.Histogram(s_one);
        Assert.AreEqual(20 * Horizon, histogram.Bars[0].Points.Sum(point => point.Y));
        Assert.AreEqual(20 * Horizon, histogram.Series[0].Points.Average(point => point.Y) * histogram.Bars[0].Points.Length, 25,
            "the curve holds about as much as the bars");

        var correlations = ResidualCharts.Autocorrelations(s_one)!;
        double[] residuals = [.. s_one.Model.Residuals(0)];
        double mean = residuals.Average(), squares = residuals.Sum(value => (value - mean) * (value - mean));
        var second = Enumerable.Range(2, residuals.Length - 2).Sum(i => (residuals[i] - mean) * (residuals[i - 2] - mean)) / squares;
        Assert.AreEqual(second, correlations.Bars[0].Points[1].Y, 1e-9);
        Assert.AreEqual(1.96 / Math.Sqrt(20), correlations.Bands[0].Points[0].Upper, 1e-9);
    }

    [TestMethod]
    public async Task The_page_is_whole_and_names_everything()
    {
        var html = await PageRenderer.RenderAsync(new BackTestReport
        {
            Title = "Loads & <more>", Introduction = "Two series.", Unit = "MW", Result = s_two,
            Notes = ["A note."]
        });
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\"", html);
        var page = ForecastReportPageTests.Parse(html);
        Assert.HasCount(6, page.Descendants().Where(element => element.Name.LocalName == "svg"),
            "forecasts, steps, origins, series, histogram, autocorrelation");
        string[] ids = [.. page.Descendants().Attributes("id").Select(id => id.Value)];
        Assert.HasCount(ids.Length, ids.Distinct(), "ids are unique");
        foreach (var id in page.Descendants().Attributes("aria-labelledby").SelectMany(names => names.Value.Split(' '))) CollectionAssert.Contains(ids, id);
        Assert.IsTrue(page.Descendants().Where(element => element.Name.LocalName == "th").All(cell => cell.Attribute("scope") is not null));
        Assert.IsEmpty(page.Descendants().Where(element => element.Name.LocalName is "script" or "link" or "img" or "iframe"));
        var table = page.Descendants().Single(element => (string?)element.Attribute("class") == "errors");
        Assert.HasCount(s_two.Forecasters.Length, table.Elements("tbody").Elements("tr"));
        Assert.HasCount(1, table.Descendants("tr").Where(row => (string?)row.Attribute("class") == "best"));
        StringAssert.Contains(page.Value, "A note.");
        StringAssert.Contains(page.Value, "best baseline");
    }

    [TestMethod]
    public async Task Files_are_well_formed_images()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var files = await BackTestFiles.WriteAsync(new() { Title = "Loads", Introduction = "", Unit = "MW", Result = s_two }, folder);
            CollectionAssert.AreEquivalent(files.ToArray(), Directory.GetFiles(folder).Select(Path.GetFileName).ToArray());
            Assert.HasCount(7, files);
            foreach (var name in files.Where(name => name.EndsWith(".svg", StringComparison.Ordinal)))
            {
                var svg = XElement.Load(Path.Combine(folder, name));
                Assert.AreEqual("svg", svg.Name.LocalName);
                Assert.HasCount(1, svg.Descendants().Where(element => element.Name.LocalName == "style"), name);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
