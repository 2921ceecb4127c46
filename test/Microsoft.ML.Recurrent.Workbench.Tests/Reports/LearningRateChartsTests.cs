using System.Globalization;
using System.Xml.Linq;
using Microsoft.ML.Recurrent.Workbench.Charts;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Reports;

/// <summary>The chart of a real learning-rate search.</summary>
[TestClass]
public sealed class LearningRateChartsTests
{
    private sealed class Row
    {
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    /// <summary>A forecaster whose options leave the rate open: the page of its forecasts shows the search.</summary>
    [TestMethod]
    public async Task Stands_in_the_report_of_a_fit_that_searched()
    {
        var context = new MLContext(1);
        var rows = Enumerable.Range(0, 200).Select(i => new Row { Label = MathF.Sin(i * 0.3f) }).ToArray();
        foreach (var rate in new float?[] { 0.01f, null })
        {
            using var model = context.Forecasting.ForecastByRecurrentNetwork(new()
            {
                Input = { InputColumnName = nameof(Row.Label), WindowSize = 8 },
                Horizon = 2,
                Network = { HiddenSize = 4 },
                Optimizer = { LearningRate = rate },
                Stopping = { MaximumNumberOfEpochs = 2 },
            }).Fit(context.Data.LoadFromEnumerable(rows));
            var report = ForecastReportPageTests.Report with { Training = model.Model.History };
            Assert.AreEqual(rate is null, (await PageRenderer.RenderAsync(report)).Contains("Learning rate (logarithmic)", StringComparison.Ordinal));
        }
    }

    [TestMethod]
    public async Task Shows_the_curve_over_a_logarithmic_axis()
    {
        var context = new MLContext(1);
        var random = new Random(1);
        var rows = Enumerable.Range(0, 300).Select(_ =>
        {
            float[] values = [.. Enumerable.Range(0, 6).Select(_ => random.NextSingle() - 0.5f)];
            return new Row { Features = values, Label = values.Sum() };
        }).ToArray();
        var curve = context.Regression.Trainers.RecurrentNetwork(new RecurrentRegressionTrainer.Options { Network = { HiddenSize = 8 } })
            .FindLearningRate(context.Data.LoadFromEnumerable(rows), new() { MinimumLearningRate = 1e-5f, MaximumLearningRate = 10 });

        var chart = LearningRateCharts.Curve(curve);
        Assert.AreEqual(AxisKind.Logarithmic, chart.XAxis.Kind);
        Assert.HasCount(curve.Trials.Length, chart.Series[1].Points);
        Assert.AreEqual(curve.Suggestion!.Value, chart.Dividers.Single().X, 1e-9);
        Assert.Contains(curve.Suggestion.Value.ToString("G3", CultureInfo.InvariantCulture), chart.Description);
        var place = new LineChartLayout(chart);
        Assert.AreEqual(place.X(1e-4) - place.X(1e-5), place.X(1e-3) - place.X(1e-4), 1e-6, "decades are equally wide");
        foreach (var point in chart.Series.SelectMany(series => series.Points)) Assert.IsInRange(place.Left - 1e-6, place.Right + 1e-6, place.X(point.X));

        var svg = XDocument.Parse(await PageRenderer.RenderAsync(chart)).Root!;
        Assert.AreEqual("svg", svg.Name.LocalName);
        Assert.IsFalse(svg.ToString().Contains("NaN", StringComparison.Ordinal));
    }
}
