using System.Globalization;

namespace Microsoft.ML.Recurrent.Workbench.Reports.Runs;

/// <summary>The tables of a <see cref="RunReport"/>, as texts.</summary>
internal static class RunTables
{
    private const int MostTrials = 200, MostSeries = 100;

    public static (string[] Cells, bool IsBest)[] Metrics(RunReport report)
    {
        var best = report.Lines.Select(static line => line.Values[0]).Where(double.IsFinite).DefaultIfEmpty(double.NaN)
            .Aggregate((x, y) => report.HigherIsBetter ? Math.Max(x, y) : Math.Min(x, y));
        var differ = report.Lines.Any(line => line.Values[0] != best);
        return [.. report.Lines.Select(
            line => ((string[])[line.Name + (line.IsBaseline ? " (baseline)" : ""), .. line.Values.Select(Number)], differ && line.Values[0] == best))];
    }

    public static (string[] Cells, bool IsBest)[] Trials(RunReport report) => [.. report.Trials
        .OrderBy(static trial => (!trial.IsChosen, !trial.IsComplete, !double.IsFinite(trial.Score)))
        .ThenBy(trial => report.HigherIsBetter ? -trial.Score : trial.Score)
        .Take(MostTrials).Select(static trial => ((string[])[Whole(trial.Number), Number(trial.Score), Seconds(trial.Duration), trial.State,
            trial.Options.Length > 0 ? trial.Options : "defaults"], trial.IsChosen))];

    public static (string[] Cells, bool IsBest)[] Final(RunReport report, ExperimentFinal final) => [.. final.Finalists.Select(one =>
        ((string[])[Whole(one.Trial), .. final.Folds.Select((_, i) => Number(i < one.Ratios.Length ? one.Ratios[i] : double.NaN)), Number(one.MeanRatio),
            Number(one.StandardError), one.Reason], report.Trials.Any(trial => trial.IsChosen && trial.Number == one.Trial)))];

    public static (string[] Cells, bool IsBest)[] Series(RunReport report) => [.. report.Series.Take(MostSeries).Select(static series =>
        ((string[])[series.Name.Length > 0 ? series.Name : "all rows", Whole(series.Rows), Time(series.First), Time(series.Last),
            series.Frequency is { } frequency ? $"{(frequency.Multiple == 1 ? "" : Whole(frequency.Multiple) + " x ")}{frequency.Unit}" : "none",
            Whole(series.Gaps),
            Whole(series.MissingTimes), Whole(series.Duplicates)], false))];

    public static (string[] Cells, bool IsBest)[] Classes(RunReport report) => [.. Enumerable.Range(0, report.Classes.Length).Select(i =>
    {
        var (correct, rows, predicted) = (report.Confusion[i][i], report.Confusion[i].Sum(), report.Confusion.Sum(row => row[i]));
        double precision = (double)correct / predicted, recall = (double)correct / rows;
        return ((string[])[report.Classes[i], Whole(rows), Number(precision), Number(recall), Number(2 * precision * recall / (precision + recall))], false);
    })];

    public static (string[] Cells, bool IsBest)[] Entities(RunReport report) => [.. report.Entities.Select(static entity =>
        ((string[])[entity.Type ?? "all", Whole(entity.Labeled), Whole(entity.Predicted), Number(entity.Precision), Number(entity.Recall),
            Number(entity.F1Score)], false))];

    public static string Number(double value) => double.IsNaN(value) ? "" : value.ToString("G4", CultureInfo.InvariantCulture);

    public static string Whole(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan duration) => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s");

    private static string Time(DateTime time) =>
        time.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
