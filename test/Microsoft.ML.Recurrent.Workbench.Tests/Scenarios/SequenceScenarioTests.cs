using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Scenarios;

[TestClass]
public sealed class SequenceScenarioTests
{
    [TestMethod]
    public void Rows_of_steps_become_sequences_with_classes_that_are_numbers()
    {
        using var files = new ScenarioFiles();
        var plan = files.Plan("classification", files.Write("slopes.csv", ScenarioFiles.Slopes(80)), ("--label-col", "Class"), ("--series-col", "Sequence"),
            ("--time-col", "Step"));
        Assert.AreEqual("Sequence: Series, Step: Time, Class: Label, A: Feature, B: Feature",
            string.Join(", ", plan.Columns.Select(static column => $"{column.Name}: {column.Role}")));
        var model = files.Reload(plan, files.Fit(plan, 15));
        var evaluation = plan.Evaluate(model);
        NumberAssert.IsGreaterThan(0.9, evaluation.Model.Values[0]);
        Assert.AreEqual("1 2", string.Join(' ', evaluation.Classes!.Classes));
        Assert.AreEqual(evaluation.Rows, evaluation.Classes.Counts.Sum(static row => row.Sum()));

        // Predictions need no label.
        var unlabeled = files.Write("next.csv",
            ScenarioFiles.Slopes(4).Select(static line => string.Join(',', line.Split(',').Where(static (_, i) => i != 2))));
        var predictions = plan.Predict(model, files.Open(unlabeled));
        Assert.AreEqual("Sequence,PredictedLabel,Score.1,Score.2", string.Join(',', predictions.Columns.Select(static name => name)));
        Assert.AreEqual("0:1 1:2 2:1 3:2", string.Join(' ', predictions.Rows.Select(static row => $"{row[0]}:{row[1]}")));
    }

    [TestMethod]
    public void Columns_of_a_row_are_steps_where_no_option_names_sequences()
    {
        using var files = new ScenarioFiles();
        var lines = Enumerable.Range(0, 60).Select(
            static row => ScenarioFiles.Say($"{(row % 2 == 0 ? "up" : "down")},{Value(row, 0)},{Value(row, 1)},{Value(row, 2)},{Value(row, 3)},x{row}"));
        var plan = files.Plan("classification", files.Write("wide.csv", ["Class,S1,S2,S3,S4,Name", .. lines]), ("--label-col", "Class"));
        Assert.AreEqual(ColumnRole.Ignored, plan.Columns.Single(static column => column.Name == "Name").Role);
        var evaluation = plan.Evaluate(files.Fit(plan, 20));
        NumberAssert.IsGreaterThan(0.8, evaluation.Model.Values[0]);

        static double Value(int row, int step) => row * 0.1 + (row % 2 == 0 ? step : -step);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Sequences_without_labels_have_codes_errors_and_a_bound_beside_that_of_single_numbers(bool grouped)
    {
        using var files = new ScenarioFiles();
        var random = new Random(1);
        double[][] waves = [.. Enumerable.Range(0, 120).Select(_ => (Amplitude: 1 + 2 * random.NextDouble(), Phase: 3 * random.NextDouble()))
            .Select(wave => Enumerable.Range(0, 10).Select(t => wave.Amplitude * Math.Sin(0.6 * t + wave.Phase)).ToArray())];
        string[] lines = grouped
            ? ["Part,Value", .. waves.SelectMany((wave, part) => wave.Take(8 + part % 3).Select(value => ScenarioFiles.Say($"p{part},{value:R}")))]
            : [string.Join(',', Enumerable.Range(0, 10).Select(static t => $"S{t}")), .. waves.Select(wave =>
                string.Join(',', wave.Select(value => ScenarioFiles.Say($"{value:R}"))))];
        (string, string)[] options = grouped ? [("--series-col", "Part"), ("--latent-size", "3")] : [("--latent-size", "3")];
        var plan = files.Plan("autoencoder", files.Write("waves.csv", lines), options);
        var model = files.Reload(plan, files.Fit(plan, 60));
        var evaluation = plan.Evaluate(model);
        Assert.AreEqual("ELBO, RMSE", string.Join(", ", evaluation.Metrics.Select(static metric => metric.Name)));
        // A bound in nats, of about ten numbers.
        NumberAssert.IsGreaterThan(evaluation.Lines[1].Values[0], evaluation.Model.Values[0]);
        NumberAssert.IsLessThan(0.6 * evaluation.Lines[1].Values[1], evaluation.Model.Values[1]);
        Assert.AreEqual(evaluation.Model.Values[0], plan.Evaluate(model).Model.Values[0]);

        var predictions = plan.Predict(model, files.Open(files.Write("next.csv", lines[..(grouped ? 9 : 2)])));
        Assert.AreEqual((grouped ? "Part," : "") + "Latent.1,Latent.2,Latent.3,ReconstructionError", string.Join(',', predictions.Columns));
        var row = predictions.Rows.Single();
        Assert.HasCount(predictions.Columns.Length, row);
        Assert.IsTrue(float.Parse(row[^1], CultureInfo.InvariantCulture) is >= 0 and < 20, row[^1]);
    }

    [TestMethod]
    public void A_regression_is_compared_with_the_mean()
    {
        using var files = new ScenarioFiles();
        string[] lines = [.. ScenarioFiles.Slopes(80).Select(static line => line.Split(',')).Select(static cells =>
            string.Join(',', cells[0], cells[1], cells[2] switch { "Class" => "Load", "1" => "3.5", _ => "-2.25" }, cells[3], cells[4]))];
        var plan = files.Plan("regression", files.Write("loads.csv", lines), ("--label-col", "Load"), ("--series-col", "Sequence"), ("--time-col", "Step"));
        var model = files.Reload(plan, files.Fit(plan, 20));
        var evaluation = plan.Evaluate(model);
        Assert.AreEqual("RMSE MAE RSquared", string.Join(' ', evaluation.Metrics.Select(static metric => metric.Name)));
        NumberAssert.IsLessThan(evaluation.Lines[1].Values[0], evaluation.Model.Values[0]);
        Assert.HasCount((int)evaluation.Rows, evaluation.Points);
        Assert.IsTrue(plan.Predict(model, plan.Request.Training).Rows.All(static row => float.IsFinite(float.Parse(row[1], CultureInfo.InvariantCulture))));
    }

    [TestMethod]
    public void A_text_target_of_a_regression_is_refused()
    {
        using var files = new ScenarioFiles();
        var table = files.Write("wide.csv", ["Class,S1,S2", "up,1,2", "down,2,1"]);
        var error = Assert.Throws<ArgumentException>(() => files.Plan("regression", table, ("--label-col", "Class")));
        Assert.Contains("a regression needs numbers", error.Message);
        Assert.Contains("mlrecurrent classification", error.Message);
    }

    [TestMethod]
    [DataRow("JapaneseVowels", "classification", 370)]
    [DataRow("Covid3Month", "regression", 61)]
    public void Files_of_sequences_need_no_options(string name, string scenario, int rows)
    {
        using var files = new ScenarioFiles();
        var (train, test) = (SharedFolder.Find("data", "ts_format", name + "_TRAIN.ts"), SharedFolder.Find("data", "ts_format", name + "_TEST.ts"));
        var plan = files.Plan(scenario, train, test, null);
        Assert.AreEqual(rows, plan.Evaluate(files.Fit(plan, 2)).Rows);
    }
}
