using System.Collections.Immutable;
using System.Net;
using Microsoft.ML.Recurrent.Workbench.Reports.Runs;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Microsoft.ML.Recurrent.Workbench.Tests.Scenarios;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Recurrent.Workbench.Tests.Reports.Runs;

/// <summary>Plans with their trials and evaluations become reports.</summary>
[TestClass]
public sealed class PlanReportTests
{
    [TestMethod]
    public async Task A_forecast_has_its_data_its_trials_and_its_baselines()
    {
        using var files = new ScenarioFiles();
        var plan = files.Plan("forecasting", files.Write("shops.csv", ScenarioFiles.Shops(240)), ("--label-col", "Sales"), ("--horizon", "6"),
            ("--series-col", "Shop"),
            ("--time-col", "Time"), ("--window", "24"));
        var model = files.Fit(plan, 3);
        TrialResult[] trials =
        [
            new(new Trial(1, 7, ImmutableSortedDictionary<string, string>.Empty)) { State = TrialState.Completed, Metric = 0.5, Epochs = 3, Curve = [3, 2, 1] },
            new(new Trial(2, 7, ImmutableSortedDictionary<string, string>.Empty.Add("Network.HiddenSize", "8")))
            {
                State = TrialState.EndedEarly, Metric = 0.1, Epochs = 1, Curve = [2.5],
            },
        ];
        var evaluation = plan.Evaluate(model);
        var report = PlanReport.Create(plan, "Shops", ((IEnumerable<ITransformer>)model).OfType<RecurrentTransformer>().Single().Model, trials, trials[0],
            evaluation, "new()",
            "mlrecurrent forecasting");
        Assert.AreEqual("Time time, Shop series, Sales label, Rain ignored, Size ignored",
            string.Join(", ", report.Columns.Select(static column => $"{column.Profile.Name} {column.Role}")));
        Assert.HasCount(2, report.Series);
        Assert.HasCount(evaluation.Lines.Length, report.Lines);
        Assert.AreEqual(1, report.Trials.Single(static trial => trial.IsChosen).Number);
        StringAssert.Contains(report.Trials[1].State, "ended early");
        Assert.AreEqual("Network.HiddenSize = 8", report.Trials[1].Options);
        var page = await RunPage.RenderAsync(report);
        foreach (var part in (string[])["Errors by step and origin", "Seasonal naive", "Network.HiddenSize = 8", report.Verdict, "SHA-256 of the weights"])
            StringAssert.Contains(page, WebUtility.HtmlEncode(part));
    }

    [TestMethod]
    public void A_better_baseline_is_told()
    {
        ScenarioEvaluation evaluation = new([new("RMSE", false)], [new("Recurrent network", false, [2]), new("Last value", true, [1.5])], 10);
        StringAssert.Contains(PlanReport.Verdict(evaluation), "Last value has RMSE 1.5");
        StringAssert.Contains(PlanReport.Verdict(evaluation with { Metrics = [new("Accuracy", true)] }), "at least as good");
    }
}
