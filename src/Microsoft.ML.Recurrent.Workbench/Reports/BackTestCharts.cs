using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Charts;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>
/// Charts of a <see cref="BackTestResult"/>: forecasts with actual values, and errors by step, by origin and by series. For residuals see
/// <see cref="ResidualCharts"/>.
/// </summary>
public static class BackTestCharts
{
    /// <summary>Maximum columns of a heat map: more origins are averaged in groups.</summary>
    private const int MaximumColumns = 96;

    /// <summary>Maximum steps of a heat map: neighboring steps of a longer horizon are averaged.</summary>
    private const int MaximumSteps = 120;

    // Color 2 is reserved for the model.
    private static readonly int[] s_baselineColors = [3, 4, 5, 6, 7, 1];

    /// <summary>Forecasts and actual values with the interval and the best baseline: the last origins of one series whose forecasts do not overlap.</summary>
    /// <param name="result">The result of the back-test.</param>
    /// <param name="unit">The quantity and unit of the series: the title of the vertical axis.</param>
    /// <param name="series">The series; null for the one with the median error of the model.</param>
    /// <param name="target">The target; null for the first.</param>
    /// <param name="maximumPoints">Maximum steps to show (but at least one forecast).</param>
    /// <exception cref="ArgumentException">The series or target is unknown.</exception>
    public static LineChart Forecasts(BackTestResult result, string unit, string? series = null, string? target = null, int maximumPoints = 360)
    {
        ArgumentNullException.ThrowIfNull(result);
        series ??= TypicalSeries(result);
        target ??= result.Targets[0];
        if (!result.Series.Contains(series)) throw new ArgumentException($"The back-test has no series '{series}'.", nameof(series));
        if (!result.Targets.Contains(target)) throw new ArgumentException($"The back-test has no target '{target}'.", nameof(target));
        var shown = ChooseWindows(result,
            [.. result.Model.Forecasts.Where(forecast => forecast.Series == series && forecast.Target == target)], maximumPoints);
        var baseline = result.Baselines.MinBy(forecaster => forecaster.Metrics.MeanAbsoluteError);
        double[][] places =
            [.. shown.Select((forecast, window) => Enumerable.Range(0, result.Horizon).Select(step => Place(result, forecast, window, step)).ToArray())];
        // A few points are hard to see as a line.
        var dots = shown.Length * result.Horizon <= 6;
        var timed = result.Frequency is not null && shown.All(forecast => forecast.Origin.Time is not null);
        return new()
        {
            Title = string.Join(", ", ((string[])["Forecasts and actual values", series, result.Targets.Length > 1 ? target : ""]).Where(part => part != "")),
            Description = string.Create(CultureInfo.InvariantCulture,
                $"{shown.Length} forecasts of {result.Horizon} steps by {result.Model.Name}, with actual "
                    + $"values{(baseline is null ? "" : $" and {baseline.Name}")}."),
            XAxis = timed ? new("", AxisKind.Time) : new("Step of the forecasts shown", AxisKind.Whole),
            YAxis = new(unit),
            Series =
            [
                new("Actual", Line(forecast => forecast.Actual, goesOn: true)) { Color = 0, Width = 1.8, Dots = dots },
                .. baseline is null ? (ChartSeries[])[] : [new(baseline.Name, Line(forecast => Find(baseline, forecast).Forecast)) { Color = 3,
                    Style = LineStyle.Dashed, Width = 1.6, Dots = dots }],
                new(result.Model.Name, Line(forecast => forecast.Forecast)) { Color = 2, Width = 2.4, Dots = dots },
            ],
            Bands = shown.Any(forecast => forecast.Lower.IsEmpty) ? [] :
            [
                new(string.Create(CultureInfo.InvariantCulture, $"{result.ConfidenceLevel:0.#%} interval"),
                    [.. shown.SelectMany((forecast,
                        window) => (BandPoint[])[.. places[window].Select((x, step) => new BandPoint(x, forecast.Lower.Span[step], forecast.Upper.Span[step])),
                        .. Breaks(window, goesOn: false) ? (BandPoint[])[new(places[window][^1], double.NaN, double.NaN)] : []])]) { Color = 2 },
            ],
            Dividers = shown.Length > 12 ? [] : [.. places.Select((window, i) => new ChartDivider(window[0], i == 0 ? "forecast made" : ""))],
        };

        // The line is interrupted after each forecast, so that forecasts are not connected. One-step forecasts form a line together, as the actual values do if
        // they are consecutive.
        ImmutableArray<ChartPoint> Line(Func<BackTestForecast, ReadOnlyMemory<double>> values, bool goesOn = false) =>
            [.. shown.SelectMany((forecast, window) => (ChartPoint[])[.. places[window].Select((x, step) => new ChartPoint(x, values(forecast).Span[step])),
                .. Breaks(window, goesOn) ? (ChartPoint[])[new(places[window][^1], double.NaN)] : []])];

        bool Breaks(int window, bool goesOn)
        {
            if (result.Horizon > 1 && !goesOn || window == shown.Length - 1) return true;
            var step = Place(result, shown[window], window, result.Horizon) - places[window][^1];
            return places[window + 1][0] - places[window][^1] > 1.5 * step;
        }
    }

    /// <summary>A metric by step of the horizon, with a line for each forecaster.</summary>
    /// <param name="result">The result of the back-test.</param>
    /// <param name="metric">The metric; null for MAE.</param>
    public static LineChart ErrorByStep(BackTestResult result, ForecastMetric? metric = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        metric ??= ForecastMetric.MeanAbsoluteError;
        return new()
        {
            Title = $"{metric.Name} by step of the horizon",
            Description = $"{metric.Name} of {string.Join(", ", result.Forecasters.Select(forecaster => forecaster.Name))} at steps 1 to {result.Horizon}.",
            XAxis = new("Step", AxisKind.Whole),
            YAxis = new(metric.Name),
            Series = [.. result.Forecasters.Select((forecaster,
                i) => new ChartSeries(forecaster.Name, [.. forecaster.ByStep.Select((metrics, step) => new ChartPoint(step + 1, metrics[metric]))])
            {
                Color = forecaster == result.Model ? 2 : s_baselineColors[(i - 1) % s_baselineColors.Length],
                Style = !forecaster.IsBaseline ? LineStyle.Solid : i % 2 == 0 ? LineStyle.Dotted : LineStyle.Dashed,
                Width = forecaster.IsBaseline ? 1.6 : 2.4,
                Dots = result.Horizon == 1 || !forecaster.IsBaseline && result.Horizon <= 48,
            })],
            Height = 340,
        };
    }

    /// <summary>
    /// A heat map of mean residuals (actual minus forecast) by origin and step, with different colors for positive and negative values. Many origins are
    /// averaged in groups.
    /// </summary>
    /// <param name="result">The result of the back-test.</param>
    /// <param name="forecaster">The forecaster; null for the model.</param>
    /// <param name="unit">The quantity and unit of the series.</param>
    public static HeatMap ErrorsByOrigin(BackTestResult result, BackTestForecaster? forecaster = null, string unit = "")
    {
        ArgumentNullException.ThrowIfNull(result);
        forecaster ??= result.Model;
        var scaled = ResidualCharts.IsScaled(result);
        int group = (result.Origins.Length + MaximumColumns - 1) / MaximumColumns, columns = (result.Origins.Length + group - 1) / group;
        int block = Block(result.Horizon), rows = (result.Horizon + block - 1) / block;
        var cells = new MeanGrid(rows, columns);
        foreach (var forecast in forecaster.Forecasts)
            for (var step = 0; step < result.Horizon; step++)
                cells.Add(step / block, forecast.Origin.Index / group, ResidualCharts.Residual(forecast, step, scaled));
        return new()
        {
            Title = $"Errors of {forecaster.Name} by origin and step",
            Description = $"Mean residual at each of {result.Horizon} steps, for {result.Origins.Length} origins{(group > 1 ? $" in groups of {group}" : "")}.",
            ColumnTitle = group > 1 ? $"Origin (mean of {group})" : "Origin",
            RowTitle = StepTitle(block),
            ValueTitle = ValueTitle("Actual - forecast", scaled, unit),
            Columns = [.. Enumerable.Range(0, columns).Select(column => Name(result, result.Origins[column * group]))],
            Rows = Steps(rows, block),
            Values = cells.Means(),
        };
    }

    /// <summary>
    /// A heat map of absolute errors by series (and target) and step, scaled by series as in MASE; the series that the model forecasts worst are on top.
    /// </summary>
    /// <param name="result">The result of the back-test.</param>
    /// <param name="forecaster">The forecaster; null for the model.</param>
    /// <param name="maximumRows">Maximum rows.</param>
    public static HeatMap ErrorsBySeries(BackTestResult result, BackTestForecaster? forecaster = null, int maximumRows = 40)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumRows, 1);
        forecaster ??= result.Model;
        var block = Block(result.Horizon);
        var rows = forecaster.Forecasts.GroupBy(forecast => (forecast.Series, forecast.Target)).Select(series =>
        {
            var cells = new MeanGrid(1, (result.Horizon + block - 1) / block);
            foreach (var forecast in series)
                for (var step = 0; step < result.Horizon; step++)
                    cells.Add(0, step / block, Math.Abs(ResidualCharts.Residual(forecast, step, scaled: true)));
            var means = cells.Means()[0];
            string[] parts = [series.Key.Series, .. result.Targets.Length > 1 ? (string[])[series.Key.Target] : []];
            return (Name: string.Join(" ", parts.Where(part => part != "")), Values: means, Mean: means.Where(double.IsFinite).DefaultIfEmpty(0).Average());
        }).OrderByDescending(row => row.Mean).Take(maximumRows).ToArray();
        return new()
        {
            Title = $"Errors of {forecaster.Name} by series and step",
            Description = $"Mean absolute scaled error of {rows.Length} series at steps 1 to {result.Horizon}, the worst on top.",
            ColumnTitle = StepTitle(block),
            RowTitle = "Series",
            ValueTitle = "MASE",
            Columns = Steps((result.Horizon + block - 1) / block, block),
            Rows = [.. rows.Select(row => row.Name)],
            Values = [.. rows.Select(row => row.Values)],
        };
    }

    internal static string ValueTitle(string what, bool scaled, string unit) =>
        scaled ? $"{what}, scaled by series" : unit == "" ? what : $"{what} ({unit})";

    // Steps averaged in one row or column.
    private static int Block(int horizon) => (horizon + MaximumSteps - 1) / MaximumSteps;

    private static string StepTitle(int block) => block > 1 ? $"Step (mean of {block})" : "Step";

    private static ImmutableArray<string> Steps(int count, int block) =>
        [.. Enumerable.Range(0, count).Select(i => (i * block + 1).ToString(CultureInfo.InvariantCulture))];

    // The same format for all origins: with the year if they span several, with the hour if not all are at midnight.
    private static string Name(BackTestResult result, BackTestOrigin origin)
    {
        if (origin.Time is not { } time) return (origin.Index + 1).ToString(CultureInfo.InvariantCulture);
        bool years = result.Origins[^1].Time - result.Origins[0].Time > TimeSpan.FromDays(366),
            hours = result.Origins.Any(other => other.Time is { } at && at.TimeOfDay != TimeSpan.Zero);
        return time.ToString(result.Frequency is { Unit: TimeUnit.Month or TimeUnit.Year } ? "yyyy-MM" : years || !hours ? "yyyy-MM-dd" : "MM-dd HH:mm",
            CultureInfo.InvariantCulture);
    }

    private static string TypicalSeries(BackTestResult result)
    {
        string[] byError = [.. result.Series.Where(series => result.Model.BySeries[series].Count > 0)
            .OrderBy(series => result.Model.BySeries[series].MeanAbsoluteScaledError)];
        return byError[byError.Length / 2];
    }

    /// <summary>The last forecasts of a series that are at least one horizon apart.</summary>
    private static ImmutableArray<BackTestForecast> ChooseWindows(BackTestResult result, ImmutableArray<BackTestForecast> forecasts, int maximumPoints)
    {
        var chosen = new List<BackTestForecast>();
        for (var i = forecasts.Length - 1; i >= 0 && (chosen.Count == 0 || (chosen.Count + 1) * result.Horizon <= maximumPoints); i--)
            if (chosen.Count == 0 || IsBefore(forecasts[i], chosen[^1])) chosen.Add(forecasts[i]);
        chosen.Reverse();
        return [.. chosen];

        bool IsBefore(BackTestForecast first, BackTestForecast second) =>
            result.Frequency is { } frequency && first.Origin.Time is { } time
                ? frequency.Add(time, result.Horizon) <= second.Origin.Time
                : second.Row - first.Row >= result.Horizon;
    }

    private static double Place(BackTestResult result, BackTestForecast forecast, int window, int step) =>
        result.Frequency is { } frequency && forecast.Origin.Time is { } time ? frequency.Add(time, step + 1).ToOADate() : window * result.Horizon + step + 1;

    private static BackTestForecast Find(BackTestForecaster forecaster, BackTestForecast forecast) =>
        forecaster.Forecasts.First(other => other.Origin.Index == forecast.Origin.Index && other.Series == forecast.Series && other.Target == forecast.Target);
}
