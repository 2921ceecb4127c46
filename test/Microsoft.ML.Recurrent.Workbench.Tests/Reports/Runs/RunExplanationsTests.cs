using Microsoft.ML.Recurrent.Workbench.Reports.Runs;
using Microsoft.ML.Recurrent.Workbench.Tests.Scenarios;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Reports.Runs;

[TestClass]
public sealed class RunExplanationsTests
{
    [TestMethod]
    public void The_word_that_decides_contributes_most()
    {
        using var files = new ScenarioFiles();
        var lines = Enumerable.Range(0, 120).Select(static row => row % 2 == 0 ? $"good,the train was fine {row % 5}" : $"bad,the train was late {row % 5}");
        var plan = files.Plan("text-classification", files.Write("reviews.csv", ["Grade,Review", .. lines]), ("--label-col", "Grade"));
        var sequences = RunExplanations.Read(files.Context, plan, files.Fit(plan, 12));
        NumberAssert.IsGreaterThan(5, sequences.Length);
        foreach (var sequence in sequences)
        {
            Assert.HasCount(5, sequence.Steps);
            var strongest = sequence.Steps[sequence.Contributions.Select(Math.Abs).ToList().IndexOf(sequence.Contributions.Max(Math.Abs))];
            Assert.AreEqual(sequence.Answer == "good" ? "fine" : "late", strongest, string.Join(' ', sequence.Steps));
        }
    }

    [TestMethod]
    public void A_tag_is_explained_at_the_first_word_that_is_part_of_something()
    {
        using var files = new ScenarioFiles();
        string[] towns = ["york", "oslo", "rome"];
        var plan = files.Plan("tagging", files.Write("towns.csv",
            ["text,tags", .. Enumerable.Range(0, 240).Select(row => $"we go to {towns[row % 3]} {row % 5},O O O B-town O")]),
            ("--label-col", "tags"), ("--text-col", "text"));
        var sequences = RunExplanations.Read(files.Context, plan, files.Fit(plan, 12));
        NumberAssert.IsGreaterThan(5, sequences.Length);
        Assert.AreEqual("", RunExplanations.WhyNone(plan));
        foreach (var sequence in sequences)
        {
            Assert.HasCount(5, sequence.Contributions);
            Assert.AreEqual(sequence.Steps[3] + ": B-town", sequence.Answer, string.Join(' ', sequence.Steps));
            CollectionAssert.Contains(towns, sequence.Steps[3]);
            Assert.IsTrue(sequence.Contributions.Any(static value => value != 0));
        }
    }

    [TestMethod]
    public void Steps_of_numbers_are_numbered_and_forecasts_are_not_explained()
    {
        using var files = new ScenarioFiles();
        var plan = files.Plan("classification", files.Write("slopes.csv", ScenarioFiles.Slopes(80)), ("--label-col", "Class"), ("--series-col", "Sequence"),
            ("--time-col", "Step"));
        var sequences = RunExplanations.Read(files.Context, plan, files.Fit(plan, 2));
        NumberAssert.IsGreaterThan(3, sequences.Length);
        Assert.AreEqual("1", sequences[0].Steps[0]);
        var forecast = files.Plan("forecasting", files.Write("shops.csv", ScenarioFiles.Shops(240)), ("--label-col", "Sales"), ("--horizon", "6"),
            ("--series-col", "Shop"),
            ("--window", "24"));
        Assert.IsEmpty(RunExplanations.Read(files.Context, forecast, files.Fit(forecast, 1)));
        StringAssert.Contains(RunExplanations.WhyNone(forecast), "A model of this scenario has no such score");
    }
}
