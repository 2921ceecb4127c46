using System.Globalization;
using System.Text;

namespace Microsoft.ML.Recurrent.Forecasting.Evaluation;

/// <summary>Formats the tables of a back-test as text.</summary>
internal static class BackTestTable
{
    public static string Write(BackTestResult result)
    {
        var metrics = result.Metrics.Where(metric => result.Forecasters.Any(forecaster => !double.IsNaN(forecaster.Metrics[metric]))).ToArray();
        var rated = !double.IsNaN(result.OverallWeightedAverage(result.Model));
        var rows = new List<string[]> { (string[])["", .. metrics.Select(metric => metric.Name), .. rated ? (string[])["OWA"] : []] };
        foreach (var forecaster in result.Forecasters)
        {
            rows.Add([forecaster.Name, .. metrics.Select(metric => Number(forecaster.Metrics[metric])),
                .. rated ? (string[])[Number(result.OverallWeightedAverage(forecaster))] : []]);
        }
        var text = new StringBuilder();
        text.AppendLine(Introduction(result));
        Align(text, rows);
        text.Append(Verdict(result));
        return text.ToString();
    }

    public static string WriteByStep(BackTestResult result, ForecastMetric metric)
    {
        var rows = new List<string[]> { (string[])[$"{metric.Name} at step", .. result.Forecasters.Select(forecaster => forecaster.Name)] };
        for (var step = 0; step < result.Horizon; step++)
        {
            rows.Add([(step + 1).ToString(CultureInfo.InvariantCulture), .. result.Forecasters.Select(forecaster => Number(forecaster.ByStep[step][metric]))]);
        }
        return Align(new(), rows).ToString();
    }

    public static string WriteBySeries(BackTestResult result, ForecastMetric metric, int maximumRows)
    {
        var rows = new List<string[]> { (string[])[$"{metric.Name} of series", .. result.Forecasters.Select(forecaster => forecaster.Name)] };
        foreach (var series in result.Series.OrderByDescending(name => result.Model.BySeries[name][metric]).Take(maximumRows))
        {
            rows.Add([series.Length == 0 ? "(all rows)" : series, .. result.Forecasters.Select(forecaster => Number(forecaster.BySeries[series][metric]))]);
        }
        var text = Align(new(), rows);
        if (result.Series.Length > maximumRows) text.AppendLine(CultureInfo.InvariantCulture, $"({result.Series.Length - maximumRows} more series)");
        return text.ToString();
    }

    /// <summary>Formats a metric with about four digits; empty for NaN.</summary>
    public static string Number(double value) =>
        double.IsNaN(value) ? "" : Math.Abs(value) is var size && (size >= 1e7 || size is > 0 and < 1e-4)
            ? value.ToString("0.###E+0", CultureInfo.InvariantCulture)
        : value.ToString(size >= 1000 ? "0" : size >= 100 ? "0.0" : size >= 10 ? "0.00" : size >= 1 ? "0.000" : "0.0000", CultureInfo.InvariantCulture);

    /// <summary>Summarizes the back-test in a sentence.</summary>
    public static string Introduction(BackTestResult result)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{Count(result.Measured, "forecast")} of {Count(result.Horizon, "step")} "
                + $"({Count(result.Series.Length, "series", "series")}, {Count(result.Origins.Length, "origin")}");
        if (result.Origins[0].Time is { } first && result.Origins[^1].Time is { } last)
            text.Append(first == last
                ? string.Create(CultureInfo.InvariantCulture, $" at {first:yyyy-MM-dd HH:mm}")
                : string.Create(CultureInfo.InvariantCulture, $" from {first:yyyy-MM-dd HH:mm} to {last:yyyy-MM-dd HH:mm}"));
        if (TimeOfDay(result) is { } hour) text.Append(CultureInfo.InvariantCulture, $", all at {hour:HH:mm}");
        text.Append(CultureInfo.InvariantCulture, $", {Count(result.Fits, "fit")}); ");
        text.Append(result.SeasonLengths.Length == 1 ? "season " : "seasons ").AppendJoin(" and ", result.SeasonLengths);
        if (result.Frequency is { } frequency) text.Append(CultureInfo.InvariantCulture, $" x {frequency}");
        if (result.SeasonLengths.Length > 1) text.Append(CultureInfo.InvariantCulture, $" (errors are scaled by {result.Season})");
        text.Append("; context ").Append(Context(result));
        if (result.AdaptationRate > 0) text.Append(CultureInfo.InvariantCulture, $"; bounds follow the outcomes (rate {result.AdaptationRate})");
        text.Append('.');
        if (result.LeftOut > 0)
            text.Append(CultureInfo.InvariantCulture,
                $" {result.LeftOut} forecasts are left out for all forecasters, because a model forecast NaN (too little history, or a missing value or "
                    + $"step).");
        return text.ToString();
    }

    // The rows from which the models forecast.
    private static string Context(BackTestResult result)
    {
        var models = result.Forecasters.Where(forecaster => !forecaster.IsBaseline).ToArray();
        return models.DistinctBy(model => model.ContextRows).Count() == 1
            ? Rows(models[0])
            : string.Join(", ", models.Select(model => $"{Rows(model)} ({model.Name})"));

        static string Rows(BackTestForecaster model) => model.ContextRows is { } rows ? Count(rows, "row") : "all rows";
    }

    // The time of day of all origins, if rows have others too.
    private static TimeOnly? TimeOfDay(BackTestResult result) =>
        result is { Frequency.Unit: TimeUnit.Second or TimeUnit.Minute or TimeUnit.Hour } && result.Origins is [{ Time: { } first }, _, ..]
            && result.Origins.All(origin => origin.Time?.TimeOfDay == first.TimeOfDay)
            ? TimeOnly.FromDateTime(first) : null;

    /// <summary>Compares the model with the best baseline; empty without baselines.</summary>
    public static string Verdict(BackTestResult result)
    {
        var best = result.Baselines.Where(baseline => !double.IsNaN(baseline.Metrics.MeanAbsoluteError)).MinBy(baseline => baseline.Metrics.MeanAbsoluteError);
        if (best is null || best.Metrics.MeanAbsoluteError == 0 || double.IsNaN(result.Model.Metrics.MeanAbsoluteError)) return "";
        var gain = 1 - result.Model.Metrics.MeanAbsoluteError / best.Metrics.MeanAbsoluteError;
        return string.Create(CultureInfo.InvariantCulture,
            $"{result.Model.Name}'s MAE is {Math.Abs(gain):0.0%} {(gain >= 0 ? "below" : "above")} that of the best baseline ({best.Name}).");
    }

    private static string Count(int number, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {(number == 1 ? one : many ?? one + "s")}");

    private static StringBuilder Align(StringBuilder text, List<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            var line = string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column])));
            text.AppendLine(line.TrimEnd());
        }
        return text;
    }
}
