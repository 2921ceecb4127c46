using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Reports.Runs;
using Microsoft.ML.Recurrent.Workbench.Scenarios;
using Spectre.Console;

namespace Microsoft.ML.Recurrent.Tool.Output;

/// <summary>Shows final figures: a line a model and baseline, the best values in bold.</summary>
internal static class EvaluationView
{
    public static object ToJson(ScenarioEvaluation evaluation) => new
    {
        evaluation.Rows,
        evaluation.Metrics,
        lines = evaluation.Lines.Select(line => new
        {
            line.Name, line.IsBaseline,
            values = evaluation.Metrics.Select((metric, i) => KeyValuePair.Create(metric.Name, line.Values[i])).ToDictionary(),
        }),
        betterBaseline = evaluation.BetterBaseline?.Name,
        advice = PlanReport.Verdict(evaluation),
    };

    public static void Write(IAnsiConsole console, ScenarioEvaluation evaluation)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("");
        foreach (var metric in evaluation.Metrics) table.AddColumn(new TableColumn(Markup.Escape(metric.Name)).RightAligned());
        double[] best = [.. evaluation.Metrics.Select((metric, i) => Best(metric, evaluation.Lines.Select(line => line.Values[i])))];
        foreach (var line in evaluation.Lines)
            table.AddRow([Markup.Escape(line.Name),
                .. line.Values.Select((value, i) => value == best[i] ? $"[bold]{Cell.Number(value)}[/]" : Cell.Number(value))]);
        console.Write(table);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Measured on {evaluation.Rows} held-out {evaluation.Unit}. ")
            + PlanReport.Verdict(evaluation));
    }

    private static double Best(TrialMetric metric, IEnumerable<double> values)
    {
        double[] known = [.. values.Where(double.IsFinite)];
        return known.Length == 0 ? double.NaN : metric.HigherIsBetter ? known.Max() : known.Min();
    }
}
