using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Scenarios;

[TestClass]
public sealed class ForecastingScenarioTests
{
    private const string Scenario = "forecasting";

    [TestMethod]
    public void A_table_of_series_becomes_a_model_that_is_compared_with_baselines_and_forecasts_on()
    {
        using var files = new ScenarioFiles();
        var plan = files.Plan(Scenario, files.Write("shops.csv", ScenarioFiles.Shops(240)), ("--label-col", "Sales"), ("--horizon", "6"),
            ("--series-col", "Shop"),
            ("--past-cols", "Rain"), ("--static-cols", "Size"));
        Assert.AreEqual("Time: Time, Shop: Series, Sales: Label, Rain: Feature, Size: Static",
            string.Join(", ", plan.Columns.Select(static column => $"{column.Name}: {column.Role}")));
        Assert.AreEqual(("MASE", false), (plan.Metric.Name, plan.Metric.HigherIsBetter));
        Assert.IsTrue(plan.Notes.Any(static note => note.Contains("one hour apart", StringComparison.Ordinal)), string.Join(" ", plan.Notes));

        var model = files.Reload(plan, files.Fit(plan, 3));
        NumberAssert.IsGreaterThan(0.0, plan.Validate(model));
        var evaluation = plan.Evaluate(model);
        Assert.IsFalse(evaluation.Model.IsBaseline);
        NumberAssert.IsGreaterThan(3, evaluation.Lines.Length);
        Assert.IsTrue(evaluation.Lines.Skip(1).All(static line => line.IsBaseline));
        // Origins lie in the last 24 steps alone: 19 for each of two shops.
        Assert.AreEqual(38L, evaluation.Rows);

        var predictions = plan.Predict(model, plan.Request.Training);
        string[][] rows = [.. predictions.Rows];
        Assert.AreEqual("Shop,Time,Step,Forecast,LowerBound,UpperBound", string.Join(',', predictions.Columns));
        Assert.AreEqual("1 2024-01-11 00:00:00 1", string.Join(' ', rows[0][..3]));
        Assert.HasCount(12, rows);
        Assert.AreEqual("2 2024-01-11 05:00:00 6", string.Join(' ', rows[^1][..3]));
        NumberAssert.IsGreaterThan(Number(rows[0][4]), Number(rows[0][3]));
        NumberAssert.IsGreaterThan(Number(rows[0][3]), Number(rows[0][5]));
    }

    [TestMethod]
    public void The_folds_of_the_final_are_measured_on_the_rows_after_those_that_they_train_on_and_leave_out_the_test()
    {
        using var files = new ScenarioFiles();
        var plan = files.Plan(Scenario, files.Write("shops.csv", ScenarioFiles.Shops(400)), ("--label-col", "Sales"), ("--horizon", "6"),
            ("--series-col", "Shop"),
            ("--window", "24"));
        var learned = Times(plan.Learned).Max();
        Assert.HasCount(5, plan.Folds!);
        Assert.IsTrue(plan.Notes.Any(static note => note.Contains("on 5 stretches of about 43 steps", StringComparison.Ordinal)), string.Join(" ", plan.Notes));
        // 360 of 400 rows a series are not held out; the first fold trains on 40% of them.
        CollectionAssert.AreEqual((int[])[144, 187, 230, 273, 316], plan.Folds!.Select(static fold => Times(fold.Train).Length / 2).ToArray());
        CollectionAssert.AreEqual((int[])[14, 14, 14, 14, 14], plan.Folds!.Select(static fold => fold.Count!.Value).ToArray());
        Assert.IsTrue(plan.Folds!.All(fold => Times(fold.Train).Max() < learned));
        var model = files.Fit(plan, 1);
        foreach (var fold in plan.Folds!) Assert.IsTrue(double.IsFinite(fold.Measure(model)), fold.Name);
        Assert.AreNotEqual(plan.Folds![0].Measure(model), plan.Folds![1].Measure(model));
        // Behind 40% of the steps there is no room for three forecasts.
        var few = files.Plan(Scenario, files.Write("few.csv", ScenarioFiles.Shops(60)), ("--label-col", "Sales"), ("--horizon", "12"), ("--series-col", "Shop"),
            ("--window", "12"));
        Assert.IsTrue(few.Notes.Any(static note => note.Contains("The default options stay", StringComparison.Ordinal)), string.Join(" ", few.Notes));
    }

    private static DateTime[] Times(IDataView rows) => [.. rows.GetColumn<DateTime>("Time")];

    [TestMethod]
    public void What_is_known_in_advance_is_read_from_rows_without_a_label()
    {
        using var files = new ScenarioFiles();
        var plan = files.Plan(Scenario, files.Write("shops.csv", ScenarioFiles.Shops(240)), ("--label-col", "Sales"), ("--horizon", "6"),
            ("--series-col", "Shop"),
            ("--future-cols", "Rain"), ("--window", "24"));
        var model = files.Fit(plan, 3);
        string[][] ahead = [.. plan.Predict(model, files.Open(files.Write("next.csv", ScenarioFiles.Shops(240, rainAhead: 6)))).Rows];
        Assert.AreEqual("2024-01-11 00:00:00", ahead[0][1]);
        Assert.IsTrue(ahead.All(static row => float.IsFinite((float)Number(row[3]))), string.Join(" ", ahead[0]));
        // Without those rows nothing is known: no forecast rather than a wrong one.
        Assert.Contains("reads Rain of the 6 steps to come", Assert.Throws<ArgumentException>(() => plan.Predict(model, plan.Request.Training)).Message);
    }

    [TestMethod]
    public void Several_targets_are_forecast_together()
    {
        using var files = new ScenarioFiles();
        var plan = files.Plan(Scenario, files.Write("shops.csv", ScenarioFiles.Shops(200)), ("--label-col", "Sales,Rain"), ("--horizon", "3"),
            ("--series-col", "Shop"));
        var model = files.Reload(plan, files.Fit(plan, 2));
        NumberAssert.IsGreaterThan(0.0, plan.Validate(model));
        string[][] rows = [.. plan.Predict(model, plan.Request.Training).Rows];
        Assert.HasCount(2 * 3 * 2, rows);
        Assert.AreEqual("Sales Rain", $"{rows[0][3]} {rows[1][3]}");
    }

    [TestMethod]
    public void A_test_table_that_goes_on_is_forecast_from_its_first_row()
    {
        using var files = new ScenarioFiles();
        var (train, test) = (files.Write("train.csv", ScenarioFiles.Shops(200)), files.Write("test.csv", ScenarioFiles.Shops(30, from: 200)));
        var plan = files.Plan(Scenario, train, test, null, ("--label-col", "Sales"), ("--horizon", "6"), ("--series-col", "Shop"), ("--window", "24"));
        var model = files.Fit(plan, 2);
        Assert.AreEqual(2 * (30 - 6 + 1), plan.Evaluate(model).Rows);

        // After a gap the first rows are history alone, as many as the longest window of a search reads.
        var later = files.Write("later.csv", ScenarioFiles.Shops(60, from: 300));
        plan = files.Plan(Scenario, train, later, null, ("--label-col", "Sales"), ("--horizon", "6"), ("--series-col", "Shop"), ("--window", "24"));
        Assert.AreEqual(2 * (60 - 48 - 6 + 1), plan.Evaluate(model).Rows);
        Assert.IsTrue(plan.Notes.Any(static note => note.Contains("not at the step after", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("--label-col=Shop;--horizon=3;--series-col=Shop", "named by two options")]
    [DataRow("--label-col=Sale;--horizon=3", "'Sales'")]
    [DataRow("--label-col=Sales", "--horizon is missing")]
    [DataRow("--label-col=Sales;--horizon=x", "a whole number")]
    [DataRow("--label-col=Sales;--horizon=3", "--series-col")]
    [DataRow("--label-col=Sales;--horizon=300;--series-col=Shop", "Give more rows")]
    [DataRow("--label-col=Sales;--horizon=3;--interval=2;--series-col=Shop", "between 0 and 1")]
    [DataRow("--label-col=Sales;--horizon=3;--frequency=often;--series-col=Shop", "15min")]
    [DataRow("--label-col=Sales;--horizon=3;--text-col=Shop", "has no option '--text-col'")]
    public void A_wrong_option_is_refused_in_one_sentence(string options, string expected)
    {
        using var files = new ScenarioFiles();
        var table = files.Write("shops.csv", ScenarioFiles.Shops(100));
        var error = Assert.Throws<ArgumentException>(() => files.Plan(Scenario, table, [.. options.Split(';').Select(static option => option.Split('='))
            .Select(static pair => (pair[0], pair[1]))]));
        Assert.Contains(expected, error.Message);
    }

    [TestMethod]
    public void Rows_that_cannot_be_forecast_are_refused_before_training()
    {
        using var files = new ScenarioFiles();
        Refused("'open'", ["Day,Sales", .. Enumerable.Range(1, 28).Select(static day => ScenarioFiles.Say($"2024-02-{day:00},{(day == 9 ? "open" : day)}"))]);
        Refused("sort the rows", ["Day,Sales", "2024-01-02,1", "2024-01-01,2", "2024-01-03,3", "2024-01-04,3", "2024-01-05,3"]);
        Refused("a time that another row has", ["Day,Sales", "2024-01-01,1", "2024-01-01,2", "2024-01-03,3", "2024-01-04,3"]);
        Refused("has 1 rows", ["Day,Sales", "2024-01-01,1"]);

        void Refused(string expected, IEnumerable<string> lines)
        {
            var path = files.Write("table.csv", lines);
            var error = Assert.Throws<ArgumentException>(() => files.Plan(Scenario, path, ("--label-col", "Sales"), ("--time-col", "Day"), ("--horizon", "2")));
            Assert.Contains(expected, error.Message);
        }
    }

    [TestMethod]
    public void A_test_table_from_the_time_of_training_is_refused()
    {
        using var files = new ScenarioFiles();
        var table = files.Write("train.csv", ScenarioFiles.Shops(100));
        var other = files.Write("test.csv", ScenarioFiles.Shops(50, from: 80));
        var error = Assert.Throws<ArgumentException>(
            () => files.Plan(Scenario, table, other, null, ("--label-col", "Sales"), ("--horizon", "3"), ("--series-col", "Shop")));
        Assert.Contains("the training rows end at", error.Message);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
