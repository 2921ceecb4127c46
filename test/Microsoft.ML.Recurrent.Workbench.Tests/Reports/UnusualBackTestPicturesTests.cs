using System.Globalization;
using System.Xml.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Charts;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Reports;

/// <summary>Charts of unusual back-tests: one step, one origin, constant series, long horizons, unknown values, origins over several years.</summary>
[TestClass]
public sealed class UnusualBackTestPicturesTests
{
    private static readonly DateTime s_start = new(2024, 3, 1);

    private sealed class Row
    {
        public DateTime Time { get; set; }

        public float Value { get; set; }
    }

    private sealed class Answer
    {
        public float[] Forecast { get; set; } = [];
    }

    private static BackTestResult Run(int horizon, int origins, Func<int, float> value, TimeSpan? step = null, int count = 300)
    {
        var context = new MLContext(1);
        Row[] rows = [.. Enumerable.Range(0, count).Select(i => new Row { Time = s_start + i * (step ?? TimeSpan.FromHours(1)), Value = value(i) })];
        var steps = SchemaDefinition.Create(typeof(Answer));
        steps[nameof(Answer.Forecast)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, horizon);
        IEstimator<ITransformer> lastValue = context.Transforms.CustomMapping<Row, Answer>((row,
            answer) => answer.Forecast = [.. Enumerable.Repeat(row.Value, horizon)], contractName: null, outputSchemaDefinition: steps);
        return context.Forecasting.BackTest(context.Data.LoadFromEnumerable(rows), lastValue, new()
        {
            TargetColumnName = "Value", TimeColumnName = "Time", Horizon = horizon, NumberOfOrigins = origins,
            Baselines = [ForecastBaseline.LastValue, ForecastBaseline.Drift],
        });
    }

    private static async Task<XElement> Svg(LineChart chart) => XElement.Parse(await PageRenderer.RenderAsync(chart));

    // Without those of the legend.
    private static string[] Lines(XElement svg) => [.. svg.Descendants()
        .Where(element => element.Name.LocalName == "path" && ((string?)element.Attribute("class") ?? "").Contains("line", StringComparison.Ordinal))
        .Select(path => (string)path.Attribute("d")!).Where(path => !path.Contains('H', StringComparison.Ordinal))];

    [TestMethod]
    public async Task Forecasts_of_one_step_make_a_line()
    {
        foreach (var path in Lines(await Svg(BackTestCharts.Forecasts(Run(1, 20, i => i % 7), "Load"))))
            Assert.AreEqual(19, path.Count(letter => letter == 'L'), path);
        // A single one is a dot.
        foreach (var chart in (LineChart[])[BackTestCharts.Forecasts(Run(1, 1, i => i % 7), "Load"), BackTestCharts.ErrorByStep(Run(1, 20, i => i % 7))])
        {
            var lines = Lines(await Svg(chart));
            Assert.HasCount(3, lines);
            foreach (var path in lines) Assert.EndsWith("h0", path);
            Assert.IsTrue(chart.Series.All(series => series.Dots), "a dot that can be seen");
        }
    }

    [TestMethod]
    public void What_happened_goes_on_between_forecasts_that_follow_each_other()
    {
        var chart = BackTestCharts.Forecasts(Run(6, 5, i => i % 7), "Load");
        Assert.AreEqual(1, chart.Series[0].Points.Count(point => double.IsNaN(point.Y)));
        Assert.AreEqual(5, chart.Series[^1].Points.Count(point => double.IsNaN(point.Y)));
    }

    [TestMethod]
    public async Task A_series_that_never_changes_is_drawn_in_round_numbers()
    {
        var result = Run(4, 6, _ => 5);
        var histogram = ResidualCharts.Histogram(result);
        Assert.AreEqual((0.0, 24.0), (histogram.Bars[0].Points.Single().X, histogram.Bars[0].Points.Single().Y));
        var text = await PageRenderer.RenderAsync(BackTestCharts.ErrorsByOrigin(result))
            + await PageRenderer.RenderAsync(BackTestCharts.ErrorByStep(result));
        Assert.IsFalse(text.Contains("E-", StringComparison.Ordinal), text);
        var page = await PageRenderer.RenderAsync(new BackTestReport { Title = "Flat", Introduction = "Nothing.", Unit = "kW", Result = result });
        Assert.IsFalse(page.Contains("(best)", StringComparison.Ordinal), "all are equal");
    }

    [TestMethod]
    public async Task Steps_of_a_long_horizon_are_averaged_and_named_at_round_numbers()
    {
        var result = Run(360, 2, i => i % 24, count: 1200);
        var map = BackTestCharts.ErrorsByOrigin(result);
        Assert.HasCount(120, map.Rows);
        Assert.AreEqual("Step (mean of 3)", map.RowTitle);
        var first = result.Model.Forecasts[0];
        Assert.AreEqual((first.Residual(3) + first.Residual(4) + first.Residual(5)) / 3, map.Values[1][0], 1e-6);
        Assert.HasCount(120, BackTestCharts.ErrorsBySeries(result).Columns);

        var svg = XElement.Parse(await PageRenderer.RenderAsync(BackTestCharts.ErrorsByOrigin(Run(60, 2, i => i % 24))));
        string[] names = [.. svg.Descendants().Where(element => element.Name.LocalName == "text" && (string?)element.Attribute("text-anchor") == "end")
            .Select(element => element.Value).Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))];
        CollectionAssert.IsSubsetOf((string[])["1", "10", "20", "60"], names);
        CollectionAssert.DoesNotContain(names, "11");
    }

    [TestMethod]
    public async Task What_is_not_known_is_told_apart_from_no_error()
    {
        string known = await PageRenderer.RenderAsync(BackTestCharts.ErrorsByOrigin(Run(6, 5, i => i % 7))),
            gaps = await PageRenderer.RenderAsync(BackTestCharts.ErrorsByOrigin(Run(6, 5, i => i == 290 ? float.NaN : i % 7)));
        Assert.IsFalse(known.Contains("unknown", StringComparison.Ordinal));
        StringAssert.Contains(gaps, "unknown");
        Assert.AreEqual(2, XElement.Parse(gaps).Descendants().Count(element => (string?)element.Attribute("class") == "missing"), "its key and one cell");
    }

    [TestMethod]
    public void Origins_are_named_in_one_form()
    {
        CollectionAssert.AreEqual((string[])["2024-11-20", "2024-12-26", "2025-01-31"],
            BackTestCharts.ErrorsByOrigin(Run(3, 3, i => i % 7, TimeSpan.FromHours(24 * 12), count: 32)).Columns.ToArray());
        foreach (var name in BackTestCharts.ErrorsByOrigin(Run(3, 4, i => i % 7, TimeSpan.FromHours(36))).Columns)
            Assert.HasCount("MM-dd HH:mm".Length, name);
        foreach (var name in BackTestCharts.ErrorsByOrigin(Run(20, 10, i => i % 7, TimeSpan.FromHours(60))).Columns)
            Assert.HasCount("yyyy-MM-dd".Length, name);
    }
}
