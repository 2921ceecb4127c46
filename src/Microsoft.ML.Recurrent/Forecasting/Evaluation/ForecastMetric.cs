using System.Collections.Immutable;
using System.Globalization;

namespace Microsoft.ML.Recurrent;

/// <summary>The statistic of one forecast point; NaN if undefined, then the point is ignored.</summary>
/// <param name="point">A step of a forecast with its actual value.</param>
public delegate double ForecastStatistic(in ForecastPoint point);

/// <summary>The aggregation of a statistic over points.</summary>
public enum MetricAggregation
{
    /// <summary>The mean.</summary>
    Mean,

    /// <summary>The square root of the mean.</summary>
    RootMean,
}

/// <summary>
/// A forecast metric: one statistic per point and one aggregation over points. With statistic s, weight w (default 1) and points i, a metric is sum s[i] / sum
/// w[i], or its square root.
/// </summary>
/// <remarks>
/// <para>In the formulas, y is the actual value, f the forecast, l and u the bounds of an interval of level c, m the season length. Means are over the points
/// of a group: a whole back-test, one step of the horizon, one series. Points with a NaN statistic are ignored (no interval; a constant series has no
/// scale).</para>
/// <para>Sources: Hyndman and Koehler, "Another look at measures of forecast accuracy" (2006); Makridakis, Spiliotis and Assimakopoulos, "The M4 competition"
/// (2020) and "The M5 accuracy competition" (2022); Koenker and Bassett, "Regression quantiles" (1978); Gneiting and Raftery, "Strictly proper scoring rules"
/// (2007).</para>
/// </remarks>
public sealed class ForecastMetric
{
    private readonly ForecastStatistic? _weight;

    /// <summary>Creates a custom metric.</summary>
    /// <param name="name">The name in tables, unique among metrics.</param>
    /// <param name="statistic">The statistic of a point; NaN if undefined.</param>
    /// <param name="aggregation">The aggregation over points.</param>
    /// <param name="weight">The weight whose sum divides the sum of the statistic; null to divide by the number of points.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public ForecastMetric(string name, ForecastStatistic statistic, MetricAggregation aggregation = MetricAggregation.Mean, ForecastStatistic? weight = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(statistic);
        if (!Enum.IsDefined(aggregation)) throw new ArgumentOutOfRangeException(nameof(aggregation), aggregation, "The aggregation is not defined.");
        (Name, Statistic, Aggregation, _weight) = (name, statistic, aggregation, weight);
    }

    /// <summary>The name in tables.</summary>
    public string Name { get; }

    /// <summary>The statistic of a point.</summary>
    public ForecastStatistic Statistic { get; }

    /// <summary>The aggregation over points.</summary>
    public MetricAggregation Aggregation { get; }

    /// <summary>MAE: mean |y - f|, in the unit of the series.</summary>
    public static ForecastMetric MeanAbsoluteError { get; } = new("MAE", static (in ForecastPoint point) => Math.Abs(point.Residual));

    /// <summary>RMSE: the square root of mean (y - f)^2, in the unit of the series.</summary>
    public static ForecastMetric RootMeanSquaredError { get; } = new("RMSE", static (in ForecastPoint point) => point.Residual * point.Residual,
        MetricAggregation.RootMean);

    /// <summary>Bias: mean (f - y), in the unit of the series; positive if forecasts are too high.</summary>
    public static ForecastMetric Bias { get; } = new("Bias", static (in ForecastPoint point) => -point.Residual);

    /// <summary>
    /// sMAPE as in the M4 competition, percent: mean of 200 |y - f| / (|y| + |f|), 0 to 200; a point where both are 0 counts as 0, an infinite forecast as 200.
    /// </summary>
    public static ForecastMetric SymmetricMeanAbsolutePercentageError { get; } = new("sMAPE", static (in ForecastPoint point) =>
    {
        var size = Math.Abs(point.Actual) + Math.Abs(point.Forecast);
        return size == 0 ? 0 : double.IsInfinity(size) ? 200 : 200 * Math.Abs(point.Residual) / size;
    });

    /// <summary>MAPE, percent: mean of 100 |y - f| / |y|; points where y is 0 are ignored.</summary>
    public static ForecastMetric MeanAbsolutePercentageError { get; } = new("MAPE",
        static (in ForecastPoint point) => point.Actual == 0 ? double.NaN : 100 * Math.Abs(point.Residual / point.Actual));

    /// <summary>WAPE (also ND): sum |y - f| over sum |y|.</summary>
    public static ForecastMetric WeightedAbsolutePercentageError { get; } =
        new("WAPE", static (in ForecastPoint point) => Math.Abs(point.Residual), weight: static (in ForecastPoint point) => Math.Abs(point.Actual));

    /// <summary>
    /// MASE (Hyndman and Koehler 2006): mean |y - f| / scale, where scale is the mean |y[t] - y[t - m]| of the series before the forecast. Below 1: better than
    /// the seasonal naive forecast one season ahead in that history.
    /// </summary>
    public static ForecastMetric MeanAbsoluteScaledError { get; } = new("MASE",
        static (in ForecastPoint point) => point.Scale > 0 ? Math.Abs(point.Residual) / point.Scale : double.NaN);

    /// <summary>
    /// RMSSE: the square root of mean (y - f)^2 / mean (y[t] - y[t - m])^2, the latter of the series before the forecast. For one series with m = 1, the metric
    /// of the M5 competition.
    /// </summary>
    public static ForecastMetric RootMeanSquaredScaledError { get; } =
        new("RMSSE", static (in ForecastPoint point) => point.SquaredScale > 0 ? point.Residual * point.Residual / point.SquaredScale : double.NaN,
            MetricAggregation.RootMean);

    /// <summary>Coverage: the share of points with l &lt;= y &lt;= u, 0 to 1; should be near the confidence level.</summary>
    public static ForecastMetric Coverage { get; } = new("Coverage",
        static (in ForecastPoint point) => HasInterval(point) ? (point.Actual >= point.Lower && point.Actual <= point.Upper ? 1 : 0) : double.NaN);

    /// <summary>Interval width: mean (u - l), in the unit of the series. At the right coverage, narrower is better.</summary>
    public static ForecastMetric IntervalWidth { get; } = new("Width", static (in ForecastPoint point) => point.Upper - point.Lower);

    /// <summary>
    /// MSIS of the M4 competition: mean of ((u - l) + 2/(1 - c) (l - y) if y &lt; l + 2/(1 - c) (y - u) if y &gt; u) / scale: combines width and misses; lower
    /// is better.
    /// </summary>
    public static ForecastMetric MeanScaledIntervalScore { get; } = new("MSIS", static (in ForecastPoint point) =>
        HasInterval(point) && point.Scale > 0
            ? (point.Upper - point.Lower + 2 / (1 - point.ConfidenceLevel) * (Math.Max(point.Lower - point.Actual, 0)
                + Math.Max(point.Actual - point.Upper, 0))) / point.Scale : double.NaN);

    /// <summary>
    /// CRPS: the mean of <see cref="ForecastDistribution.RankedProbabilityScore"/>, in the unit of the series. For point forecasts it is the MAE, so both can
    /// be compared.
    /// </summary>
    public static ForecastMetric ContinuousRankedProbabilityScore { get; } = new("CRPS",
        static (in ForecastPoint point) => point.Distribution?.RankedProbabilityScore(point.Actual) ?? double.NaN);

    /// <summary>
    /// Quantile (pinball) loss at a level q: mean of q (y - v) where y >= v, else (1 - q) (v - y), where v is the forecast quantile. Half the MAE at q = 0.5.
    /// </summary>
    /// <param name="level">The level, between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The level is not between 0 and 1.</exception>
    public static ForecastMetric QuantileLoss(double level) =>
        new(Named("QL", CheckLevel(level)),
            (in ForecastPoint point) => point.Distribution is { } distribution ? Pinball(point.Actual, distribution.Quantile(level), level) : double.NaN);

    /// <summary>Weighted quantile loss at a level: twice the sum of quantile losses over the sum of |y|; dimensionless.</summary>
    /// <inheritdoc cref="QuantileLoss"/>
    public static ForecastMetric WeightedQuantileLoss(double level) =>
        new(Named("wQL", CheckLevel(level)),
            (in ForecastPoint point) => point.Distribution is { } distribution ? 2 * Pinball(point.Actual, distribution.Quantile(level), level) : double.NaN,
            weight: static (in ForecastPoint point) => Math.Abs(point.Actual));

    /// <summary>The default metrics: point errors, interval metrics, CRPS. Metrics that do not apply to a forecast are NaN.</summary>
    public static ImmutableArray<ForecastMetric> Defaults { get; } =
    [
        MeanAbsoluteError, RootMeanSquaredError, SymmetricMeanAbsolutePercentageError, MeanAbsoluteScaledError, RootMeanSquaredScaledError,
        WeightedAbsolutePercentageError, Bias,
        Coverage, IntervalWidth, MeanScaledIntervalScore, ContinuousRankedProbabilityScore,
    ];

    /// <summary>Returns the name.</summary>
    public override string ToString() => Name;

    internal static double Pinball(double actual, double quantile, double level) =>
        actual >= quantile ? level * (actual - quantile) : (1 - level) * (quantile - actual);

    internal double Weight(in ForecastPoint point) => _weight is null ? 1 : _weight(point);

    private static bool HasInterval(in ForecastPoint point) => !double.IsNaN(point.Lower) && !double.IsNaN(point.Upper);

    private static double CheckLevel(double level) =>
        level is > 0 and < 1 ? level : throw new ArgumentOutOfRangeException(nameof(level), level, "A quantile level must lie between 0 and 1.");

    private static string Named(string name, double level) => string.Create(CultureInfo.InvariantCulture, $"{name}({level:0.####})");
}
