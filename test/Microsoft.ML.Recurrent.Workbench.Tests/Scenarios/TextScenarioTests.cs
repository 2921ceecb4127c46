using Microsoft.ML.Recurrent.Workbench.Catalog;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Scenarios;

[TestClass]
public sealed class TextScenarioTests
{
    private static readonly string[] s_cities = ["Rome", "Oslo", "Lima", "Bonn"];

    [TestMethod]
    public void Texts_are_classified_by_their_words()
    {
        using var files = new ScenarioFiles();
        var lines = Enumerable.Range(0, 120)
            .Select(static row => row % 2 == 0 ? $"good,\"a fine, fast train to {s_cities[row % 4]}\"" : $"bad,a slow and late bus to {s_cities[row % 4]}");
        var plan = files.Plan("text-classification", files.Write("reviews.csv", ["Grade,Review", .. lines]), ("--label-col", "Grade"));
        Assert.AreEqual(ColumnRole.Text, plan.Columns.Single(static column => column.Name == "Review").Role);
        var model = files.Reload(plan, files.Fit(plan, 10));
        NumberAssert.IsGreaterThan(0.9, plan.Validate(model));
        NumberAssert.IsGreaterThan(0.9, plan.Evaluate(model).Model.Values[0]);
        var next = files.Open(files.Write("next.csv", ["Review", "\"a late, slow bus\"", "a fine train"]));
        Assert.AreEqual("bad good", string.Join(' ', plan.Predict(model, next).Rows.Select(static row => row[0])));
    }

    [TestMethod]
    public void Single_words_are_read_letter_by_letter()
    {
        using var files = new ScenarioFiles();
        var lines = Enumerable.Range(0, 60).Select(static row => row % 2 == 0 ? $"{row}ini,it" : $"{row}sen,no");
        var plan = files.Plan("text-classification", files.Write("names.csv", ["Name,Land", .. lines]), ("--label-col", "Land"), ("--text-col", "Name"));
        Assert.Contains("letter by letter", plan.Notes.Single());
    }

    [TestMethod]
    public void Words_of_sentences_are_tagged_and_sentences_classified()
    {
        using var files = new ScenarioFiles();
        string[] lines = [.. Enumerable.Range(0, 160).Select(static row => (City: s_cities[row % 4], Buy: row % 3 == 0)).Select(static row => row.Buy
            ? $"sell me a seat to {row.City}\tO O O O O B-city\tbuy" : $"when does {row.City} open\tO O B-city O\task")];
        var plan = files.Plan("tagging", files.Write("requests.tsv", ["Words\tTags\tAim", .. lines]), ("--text-col", "Words"), ("--label-col", "Tags"),
            ("--sentence-label-col", "Aim"));
        Assert.AreEqual("EntityF1", plan.Metric.Name);
        var model = files.Reload(plan, files.Fit(plan, 25));
        var evaluation = plan.Evaluate(model);
        Assert.AreEqual("EntityF1 TokenAccuracy SentenceAccuracy", string.Join(' ', evaluation.Metrics.Select(static metric => metric.Name)));
        NumberAssert.IsGreaterThan(0.8, evaluation.Model.Values[0]);
        NumberAssert.IsGreaterThan(0.8, evaluation.Model.Values[2]);
        var predictions = plan.Predict(model, files.Open(files.Write("next.tsv", ["Words\tNote", "when does Oslo open\tx", "sell me a seat to Rome\ty"])));
        Assert.AreEqual("O O B-city O;ask|O O O O O B-city;buy", string.Join('|', predictions.Rows.Select(static row => $"{row[1]};{row[2]}")));
    }

    [TestMethod]
    public void Tags_without_words_are_refused()
    {
        using var files = new ScenarioFiles();
        var table = files.Write("requests.tsv", ["Words\tTags", "one two\tO O", "one two three\tO O"]);
        var error = Assert.Throws<ArgumentException>(() => files.Plan("tagging", table, ("--text-col", "Words"), ("--label-col", "Tags")));
        Assert.Contains("Row 2", error.Message);
        Assert.Contains("3 words", error.Message);
    }

    [TestMethod]
    public void A_language_model_is_compared_with_frequencies_and_writes_on()
    {
        using var files = new ScenarioFiles();
        var plan = files.Plan("language-model", files.Write("book.txt", Enumerable.Repeat("the cat saw the dog and the dog saw the cat", 200)),
            ("--tokens", "characters"));
        var model = files.Reload(plan, files.Fit(plan, 2));
        var evaluation = plan.Evaluate(model);
        NumberAssert.IsLessThan(evaluation.Lines[1].Values[0], evaluation.Model.Values[0]);
        NumberAssert.IsLessThan(evaluation.Lines[1].Values[0], plan.Validate(model));
        var written = plan.Predict(model, files.Open(files.Write("begin.txt", ["the cat"]))).Rows.Single();
        Assert.AreEqual("the cat", written[0]);
        NumberAssert.IsGreaterThan(10, written[1].Length);
    }

    [TestMethod]
    public void Texts_are_translated_word_by_word_and_compared_with_the_nearest_text()
    {
        using var files = new ScenarioFiles();
        var plan = files.Plan("translation", files.Write("pairs.csv", ScenarioFiles.Translations(300)), ("--label-col", "french"), ("--text-col", "english"));
        Assert.AreEqual("BLEU", plan.Metric.Name);
        plan.Pipeline.Trainer.Options.Optimizer.LearningRate = 0.02f;
        var model = files.Reload(plan, files.Fit(plan, 20));
        var evaluation = plan.Evaluate(model);
        NumberAssert.IsGreaterThan(90, evaluation.Model.Values[0]);
        NumberAssert.IsGreaterThan(90, plan.Validate(model));
        Assert.AreEqual("BLEU CharacterErrorRate chrF ExactMatch", string.Join(' ', evaluation.Metrics.Select(static metric => metric.Name)));
        NumberAssert.IsGreaterThan(20, evaluation.Lines[1].Values[0]);
        var written = plan.Predict(model, files.Open(files.Write("next.csv", ["english", "the blue tree 4"])));
        Assert.AreEqual("english Translation Score", string.Join(' ', written.Columns));
        Assert.AreEqual("the blue tree 4|plante bleue 4", string.Join('|', written.Rows.Single()[..2]));
    }

    [TestMethod]
    public void Single_words_are_written_letter_by_letter()
    {
        using var files = new ScenarioFiles();
        var lines = Enumerable.Range(0, 80).Select(static row => ScenarioFiles.Say($"{row % 28 + 1}/{row % 12 + 1},{row % 12 + 1:00}-{row % 28 + 1:00}"));
        var plan = files.Plan("translation", files.Write("days.csv", ["Translation,Iso", .. lines]), ("--label-col", "Iso"));
        Assert.Contains("letter by letter", plan.Notes.Single());
        Assert.AreEqual(("CharacterErrorRate", false), (plan.Metric.Name, plan.Metric.HigherIsBetter));
        var model = files.Reload(plan, files.Fit(plan, 1));
        Assert.AreEqual("Translation WrittenTranslation Score",
            string.Join(' ', plan.Predict(model, files.Open(files.Write("next.csv", ["Translation", "3/4"]))).Columns));
        NumberAssert.IsGreaterThan(-1, plan.Evaluate(model).Lines[1].Values[0]);
        var error = Assert.Throws<ArgumentException>(() => files.Plan("translation", files.Write("days.csv", ["Translation,Iso", .. lines]),
            ("--label-col", "Iso"), ("--text-col", "Iso")));
        Assert.Contains("is read and written", error.Message);
    }

    [TestMethod]
    public void Each_scenario_is_found_by_both_of_its_names()
    {
        foreach (var scenario in ScenarioCatalog.All)
        {
            Assert.AreSame(scenario, ScenarioCatalog.Find(scenario.Name));
            Assert.AreSame(scenario, ScenarioCatalog.Find(scenario.ConfigName));
            Assert.IsTrue(scenario.Options.All(static option => option.Name.StartsWith("--", StringComparison.Ordinal) && option.Description.EndsWith('.')),
                scenario.Name);
            Assert.IsTrue(scenario.Examples.All(example => example.StartsWith($"mlrecurrent {scenario.Name} ", StringComparison.Ordinal)), scenario.Name);
        }
        Assert.Contains("forecasting, classification", Assert.Throws<ArgumentException>(() => ScenarioCatalog.Find("forecast")).Message);
    }
}
