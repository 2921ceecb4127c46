using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Recurrent.Workbench.CodeGeneration;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Scenarios;

/// <summary>Columns of a file that have the names of columns that a pipeline makes.</summary>
[TestClass]
public sealed class ColumnNameTests
{
    // Noise: whoever compares answers with themselves finds that all are right.
    private static string[] Noise(string label, Func<int, string> say)
    {
        var random = new Random(5);
        return [$"A,B,Label,Score,{label}", .. Enumerable.Range(0, 120).Select(_ => string.Create(CultureInfo.InvariantCulture,
            $"{random.NextDouble():F3},{random.NextDouble():F3},{random.NextDouble():F3},{random.NextDouble():F3},{say(random.Next(2))}"))];
    }

    [TestMethod]
    [DataRow("PredictedLabel")]
    [DataRow("LabelKey")]
    [DataRow("class")]
    public void A_class_named_as_an_answer_is_measured_by_the_rows(string label)
    {
        using var files = new ScenarioFiles();
        var plan = files.Plan("classification", files.Write("noise.csv", Noise(label, static number => number == 0 ? "no" : "yes")), ("--label-col", label));
        var model = files.Fit(plan, 3);
        var answers = plan.Predict(model, plan.Request.Training).Rows.Select(static row => row[0]).ToArray();
        Assert.HasCount(120, answers);
        NumberAssert.IsLessThan(0.9, plan.Validate(model) * 0.5 + plan.Evaluate(model).Model.Values[0] * 0.5);
        var code = PlanModel.Create(plan, "noise", model, plan.Pipeline.Trainer.Options, isRefitted: true);
        Assert.Contains("float[] Score", new ModelCode(files.Context, code, "Noise").Consumption());
    }

    [TestMethod]
    public void A_number_named_as_an_answer_is_measured_by_the_rows()
    {
        using var files = new ScenarioFiles();
        string[] lines = [.. Noise("Score", static number => number.ToString(CultureInfo.InvariantCulture))
            .Select(static (line, i) => i == 0 ? "A,B,C,D,Score" : line)];
        var plan = files.Plan("regression", files.Write("noise.csv", lines), ("--label-col", "Score"));
        var model = files.Fit(plan, 3);
        NumberAssert.IsGreaterThan(0.2, plan.Evaluate(model).Model.Values[0]);
        NumberAssert.IsGreaterThan(0.2, plan.Validate(model));
        var code = PlanModel.Create(plan, "noise", model, plan.Pipeline.Trainer.Options, isRefitted: true);
        Assert.Contains("CopyColumns(\"ObservedScore\", \"Score\")", new ModelCode(files.Context, code, "Noise").Evaluation());
    }

    [TestMethod]
    [DataRow("classification", "Features")]
    [DataRow("regression", "Features")]
    public void A_label_that_the_pipeline_would_hide_is_refused(string scenario, string label)
    {
        using var files = new ScenarioFiles();
        var path = files.Write("noise.csv", Noise(label, static number => number.ToString(CultureInfo.InvariantCulture)));
        Assert.Contains($"'{label}'", Assert.Throws<ArgumentException>(() => files.Plan(scenario, path, ("--label-col", label))).Message);
        Assert.Contains("give it another", Assert.Throws<ArgumentException>(() => files.Plan(scenario, path, ("--label-col", label))).Message);
    }

    [TestMethod]
    [DataRow("Forecast", "Time", "LowerBound")]
    [DataRow("UpperBound,Targets", "Forecast", "Shop")]
    public void A_forecast_of_columns_named_as_answers(string labels, string time, string series)
    {
        using var files = new ScenarioFiles();
        var names = labels.Split(',');
        string[] lines = [$"{time},{series},{names[0]},{(names.Length > 1 ? names[1] : "Rain")},Size", .. ScenarioFiles.Shops(240).Skip(1)];
        var plan = files.Plan("forecasting", files.Write("shops.csv", lines), ("--label-col", labels), ("--time-col", time), ("--series-col", series),
            ("--horizon", "4"), ("--window", "12"));
        var model = files.Fit(plan, 2);
        Assert.IsTrue(double.IsFinite(plan.Validate(model)));
        Assert.IsTrue(double.IsFinite(plan.Evaluate(model).Model.Values[0]));
        Assert.HasCount(2 * 4 * names.Length, plan.Predict(model, plan.Request.Training).Rows.ToArray());
    }
}
