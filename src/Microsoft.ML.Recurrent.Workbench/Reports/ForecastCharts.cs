using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Workbench.Charts;

namespace Microsoft.ML.Recurrent.Workbench.Reports;

/// <summary>The charts of a <see cref="ForecastReport"/>.</summary>
public static class ForecastCharts
{
    /// <summary>
    /// The end of the series (the held-out part and three times as much before it) with the forecast and interval of the model and the best baselines.
    /// </summary>
    /// <param name="report">The report.</param>
    /// <param name="baselines">The number of baselines, best first; each is a dashed line.</param>
    public static LineChart Forecast(ForecastReport report, int baselines = 2)
    {
        var model = report.Forecasts[0];
        ImmutableArray<SeriesValue> shown = [.. report.Series.Skip(report.Series.Length - 4 * report.Series.Count(value => value.Time >= report.HeldOutFrom))];
        var others = report.Forecasts.Skip(1).OrderBy(forecast => forecast.Errors.RootMeanSquaredError).Take(baselines);
        return new()
        {
            Title = report.Title,
            Description = string.Create(CultureInfo.InvariantCulture,
                $"{report.Unit} from {shown[0].Time:yyyy-MM} to {shown[^1].Time:yyyy-MM}, held out from {report.HeldOutFrom:yyyy-MM} on, "
                    + $"with {string.Join(", ", others.Prepend(model).Select(forecast =>
                        $"the forecast of {forecast.Name} (RMSE {forecast.Errors.RootMeanSquaredError:0.0})"))}."),
            XAxis = new("", AxisKind.Time),
            YAxis = new(report.Unit),
            Series =
            [
                new("Actual", Points(shown)) { Color = 0, Width = 1.8 },
                .. others.Select((forecast, i) => new ChartSeries(forecast.Name, Points(forecast.Values)) { Color = 3 + i,
                    Style = i % 2 == 0 ? LineStyle.Dashed : LineStyle.Dotted, Width = 1.8 }),
                new(model.Name, Points(model.Values)) { Color = 2, Width = 2.6, Dots = true },
            ],
            Bands = model.Interval.IsEmpty ? [] :
            [
                new(string.Create(CultureInfo.InvariantCulture, $"{model.ConfidenceLevel:0.#%} interval"),
                    [.. model.Values.Zip(model.Interval, (value, edge) => new BandPoint(value.Time.ToOADate(), edge.Lower, edge.Upper))]) { Color = 2 },
            ],
            Dividers = [new(report.HeldOutFrom.ToOADate(), "held out")],
        };
    }

    /// <summary>Training and validation loss by epoch, with the epoch whose weights were kept.</summary>
    /// <param name="history">The training history, with at least one epoch.</param>
    public static LineChart LearningCurve(TrainingHistory history)
    {
        bool validated = history.Epochs.Any(epoch => epoch.ValidationLoss is not null), dots = history.Epochs.Length < 40;
        double[] losses = [.. history.Epochs.SelectMany(epoch => (double[])[epoch.Loss, epoch.ValidationLoss ?? epoch.Loss])];
        var logarithmic = losses.Min() > 0 && losses.Max() / losses.Min() > 20;
        return new()
        {
            Title = "Learning curve",
            Description = $"Loss by epoch over {history.Epochs.Length} epochs; the weights of epoch {history.BestEpoch} were kept.",
            XAxis = new("Epoch", AxisKind.Whole),
            YAxis = new(logarithmic ? "Loss (logarithmic)" : "Loss", logarithmic ? AxisKind.Logarithmic : AxisKind.Number),
            Series =
            [
                new("Training", [.. history.Epochs.Select(epoch => new ChartPoint(epoch.Epoch, epoch.Loss))]) { Color = 1, Dots = dots },
                .. validated
                    ? (ChartSeries[])[new("Validation", [.. history.Epochs.Select(epoch => new ChartPoint(epoch.Epoch, epoch.ValidationLoss ?? double.NaN))]) {
                        Color = 2, Style = LineStyle.Dashed, Dots = dots }]
                    : [],
            ],
            Dividers = history.BestEpoch > 0 ? [new(history.BestEpoch, "weights kept")] : [],
            Height = 300,
        };
    }

    private static ImmutableArray<ChartPoint> Points(ImmutableArray<SeriesValue> values) =>
        [.. values.Select(value => new ChartPoint(value.Time, value.Value))];
}
