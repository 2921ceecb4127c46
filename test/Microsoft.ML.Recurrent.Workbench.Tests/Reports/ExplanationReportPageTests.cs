using System.Xml.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Reports;

[TestClass]
public sealed class ExplanationReportPageTests
{
    private static readonly ExplanationReport s_report = new()
    {
        Title = "Why <positive>?",
        Introduction = "Two reviews & their scores.",
        Sequences =
        [
            new()
            {
                Name = "review 1", Answer = "positive, 1.5", Steps = ["a", "<fine>", "film"], Contributions = [-0.5, 2, double.NaN],
                Attention = [0.25, 0.5, 0.25],
            },
            new() { Name = "review 2", Answer = "negative, -2", Steps = ["dull"], Contributions = [-4], Attention = [1] },
        ],
        ModelSummary = "lstm_1",
    };

    [TestMethod]
    public async Task Colours_each_step_by_its_sign_and_strength()
    {
        var page = ForecastReportPageTests.Parse(await PageRenderer.RenderAsync(s_report));
        Assert.AreEqual(s_report.Title, page.Descendants().Single(element => element.Name.LocalName == "h1").Value);
        XElement[] steps = [.. page.Descendants().Where(element => element.Name.LocalName == "span")];
        CollectionAssert.AreEqual((string[])["a", "<fine>", "film", "dull"], steps.Select(step => step.Value).ToArray());
        CollectionAssert.AreEqual((string[])["against", "for", "for", "against"], steps.Select(step => (string)step.Attribute("class")!).ToArray());
        CollectionAssert.AreEqual((string[])["--strength: 15%", "--strength: 60%", "--strength: 0%", "--strength: 60%"],
            steps.Select(step => (string)step.Attribute("style")!).ToArray());
        Assert.AreEqual("+2, weight 0.5", (string)steps[1].Attribute("title")!);
        Assert.HasCount(2, page.Descendants().Where(element => element.Name.LocalName == "svg"), "contributions and attention");
        Assert.HasCount(2, page.Descendants().Where(element => element.Name.LocalName == "table"));
        string[] ids = [.. page.Descendants().Attributes("id").Select(id => id.Value)];
        Assert.HasCount(ids.Length, ids.Distinct(), "ids are unique");
        foreach (var id in page.Descendants().Attributes("aria-labelledby").SelectMany(names => names.Value.Split(' '))) CollectionAssert.Contains(ids, id);
        Assert.IsEmpty(page.Descendants().Where(element => element.Name.LocalName is "script" or "link" or "img"));
    }

    [TestMethod]
    public void Cells_after_the_end_of_a_sequence_are_empty()
    {
        var map = ExplanationCharts.Contributions(s_report);
        CollectionAssert.AreEqual((string[])["1", "2", "3"], map.Columns.ToArray());
        CollectionAssert.AreEqual((double[])[-4, double.NaN, double.NaN], map.Values[1].ToArray());
        Assert.IsNotNull(ExplanationCharts.Attention(s_report));
        Assert.IsNull(ExplanationCharts.Attention(s_report with { Sequences = [.. s_report.Sequences.Select(one => one with { Attention = [] })] }));
        var error = Assert.ThrowsExactly<ArgumentException>(() => ExplanationCharts.Contributions(s_report with
        {
            Sequences = [s_report.Sequences[0] with { Contributions = [1] }],
        }));
        StringAssert.Contains(error.Message, "'review 1' has 3 steps, but 1 contributions");
        Assert.ThrowsExactlyAsync<ArgumentException>(() => PageRenderer.RenderAsync(s_report with { Sequences = [] })).Wait();
    }

    private sealed class Review
    {
        public string[] Words { get; set; } = [];
        public bool Label { get; set; }
    }

    private sealed class Answer
    {
        public string[] Words { get; set; } = [];
        public float Explained { get; set; }
        public float[] StepContributions { get; set; } = [];
    }

    /// <summary>From a trained model to its page: the words that decide have the strongest color.</summary>
    [TestMethod]
    public async Task Shows_what_a_trained_model_looks_at()
    {
        var context = new MLContext(1);
        var random = new Random(1);
        var data = context.Data.LoadFromEnumerable(Enumerable.Range(0, 200).Select(i => new Review
        {
            Words = ["the", i % 2 == 0 ? "good" : "bad", random.Next(2) == 0 ? "film" : "book"],
            Label = i % 2 == 0,
        }).ToArray());
        var keys = context.Transforms.Conversion.MapValueToKey("Tokens", "Words").Fit(data).Transform(data);
        using var classifier = context.BinaryClassification.Trainers.RecurrentNetwork(new()
        {
            FeatureColumnName = "Tokens",
            Network = { HiddenSize = 8, Pooling = SequencePooling.Attention },
            Stopping = { MaximumNumberOfEpochs = 20 },
            Optimizer = { LearningRate = 0.02f },
        }).Fit(keys);
        var explained = context.Transforms.CalculateStepContributions(classifier.Model, options: new() { ScoreColumnName = "Explained" })
            .Fit(keys).Transform(keys);
        var report = new ExplanationReport
        {
            Title = "Reviews",
            Introduction = "A classifier of three words.",
            Sequences = [.. context.Data.CreateEnumerable<Answer>(explained, reuseRowObject: false).Take(6).Select((row, i) => new ExplainedSequence
            {
                Name = $"row {i}", Answer = row.Explained > 0 ? "good" : "bad", Steps = [.. row.Words],
                Contributions = [.. row.StepContributions.Select(value => (double)value)],
            })],
        };
        var page = ForecastReportPageTests.Parse(await PageRenderer.RenderAsync(report));
        XElement[] strongest = [.. page.Descendants().Where(element => (string?)element.Attribute("style") == "--strength: 60%")];
        CollectionAssert.AreEqual((string[])["good", "bad", "good", "bad", "good", "bad"], strongest.Select(step => step.Value).ToArray());
        CollectionAssert.AreEqual((string[])["for", "against", "for", "against", "for", "against"],
            strongest.Select(step => (string)step.Attribute("class")!).ToArray());
    }
}
