using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Charts;

namespace Microsoft.ML.Recurrent.Workbench.Reports.Runs;

/// <summary>The charts of a <see cref="RunReport"/>.</summary>
public static class RunCharts
{
    /// <summary>The most trials whose losses are drawn, best first.</summary>
    private const int MostCurves = 7;

    /// <summary>The most classes of a map.</summary>
    private const int MostClasses = 60;

    /// <summary>The score of each trial and the best so far.</summary>
    /// <param name="report">The report, with at least one trial that has a score.</param>
    public static LineChart Search(RunReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        ReportTrial[] scored = [.. report.Trials.Where(static trial => double.IsFinite(trial.Score))];
        var best = new List<ChartPoint>();
        foreach (var trial in scored.Where(static trial => trial.IsComplete))
        {
            var before = best.Count == 0 ? trial.Score : best[^1].Y;
            best.Add(new(trial.Number, report.HigherIsBetter ? Math.Max(before, trial.Score) : Math.Min(before, trial.Score)));
        }
        return new()
        {
            Title = "Trials",
            Description = string.Create(CultureInfo.InvariantCulture,
                $"{report.TrialMetric} of {scored.Length} trials on the validation rows; the best has {(best.Count > 0 ? best[^1].Y : double.NaN):G4}."),
            XAxis = new("Trial", AxisKind.Whole),
            YAxis = new(report.TrialMetric),
            Series =
            [
                new("Best so far", [.. best]) { Color = 2, Style = LineStyle.Dashed },
                new("Trial", Separate(scored.Select(static trial => new ChartPoint(trial.Number, trial.Score)))) { Color = 1, Dots = true },
            ],
            Height = 320,
        };
    }

    /// <summary>The validation losses of the best trials by epoch; null if no trial has any.</summary>
    /// <param name="report">The report.</param>
    public static LineChart? Curves(RunReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        ReportTrial[] trials = [.. report.Trials.Where(static trial => !trial.Losses.IsEmpty && double.IsFinite(trial.Score))
            .OrderBy(trial => report.HigherIsBetter ? -trial.Score : trial.Score).Take(MostCurves)];
        if (trials.Length == 0) return null;
        return new()
        {
            Title = "Validation loss of the best trials",
            Description = $"Validation loss by epoch of the {trials.Length} best trials.",
            XAxis = new("Epoch", AxisKind.Whole),
            YAxis = new("Validation loss"),
            Series = [.. trials.Select(static (trial,
                i) => new ChartSeries($"Trial {trial.Number}", [.. trial.Losses.Select(static (loss, epoch) => new ChartPoint(epoch + 1, loss))])
            {
                Color = 1 + i, Width = i == 0 ? 2.6 : 1.4, Style = i % 2 == 0 ? LineStyle.Solid : LineStyle.Dashed, Dots = trial.Losses.Length == 1,
            })],
            Height = 320,
        };
    }

    /// <summary>The rows of each class by the class that was predicted, in shares of the class; the most frequent classes, if there are many.</summary>
    /// <param name="report">The report, with classes.</param>
    public static HeatMap Confusion(RunReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        int[] shown = [.. Enumerable.Range(0, report.Classes.Length).OrderByDescending(i => report.Confusion[i].Sum()).Take(MostClasses).Order()];
        return new()
        {
            Title = "Confusion matrix",
            Description = $"The share of the rows of each class that were predicted as each class, for {shown.Length} classes.",
            ColumnTitle = "Predicted class",
            RowTitle = "Class",
            ValueTitle = "share of the class",
            Columns = [.. shown.Select(i => Short(report.Classes[i]))],
            Rows = [.. shown.Select(i => Short(report.Classes[i]))],
            Values = [.. shown.Select(i =>
                shown.Select(j => report.Confusion[i].Sum() is > 0 and var count ? (double)report.Confusion[i][j] / count : double.NaN).ToImmutableArray())],
            RowHeight = 26,
        };
    }

    /// <summary>Predictions over labels.</summary>
    /// <param name="report">The report, with points.</param>
    public static LineChart Predictions(RunReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        double[] ends = [report.Points.Min(static point => point.Label), report.Points.Max(static point => point.Label)];
        return new()
        {
            Title = "Predictions and labels",
            Description = $"The predictions for {report.Points.Length} rows over their labels; a perfect model lies on the line.",
            XAxis = new("Label"),
            YAxis = new("Prediction"),
            Series =
            [
                new("Perfect", [.. ends.Distinct().Select(static end => new ChartPoint(end, end))]) { Color = 0, Style = LineStyle.Dashed, Width = 1.2 },
                new("Rows", Separate(report.Points.OrderBy(static point => point.Label)
                    .Select(static point => new ChartPoint(point.Label, point.Prediction)))) { Color = 1, Dots = true },
            ],
        };
    }

    /// <summary>A name that fits beside a map.</summary>
    private static string Short(string name) => name.Length <= 16 ? name : string.Concat(name.AsSpan(0, 15), "\u2026");

    /// <summary>Points without lines between them.</summary>
    private static ImmutableArray<ChartPoint> Separate(IEnumerable<ChartPoint> points) =>
        [.. points.SelectMany(static point => (ChartPoint[])[point, new(point.X, double.NaN)])];
}
