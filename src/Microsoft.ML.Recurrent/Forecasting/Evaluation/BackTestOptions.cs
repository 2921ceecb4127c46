using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Recurrent.Forecasting;
using Microsoft.ML.Recurrent.Time;

namespace Microsoft.ML.Recurrent;

/// <summary>Options of a back-test: the target, the origins, the refits and the metrics.</summary>
/// <remarks>
/// An origin is a point in time at which forecasts are made: the rows up to it are the history, the <see cref="Horizon"/> rows after it the actual values. The
/// last origin is one horizon before the end of the data; the others precede it, <see cref="Stride"/> rows apart. With a time column of dates they can be
/// given otherwise: by the first time that is forecast (<see cref="Start"/>), the time of day (<see cref="OriginTimeOfDay"/>), or one by one
/// (<see cref="Cutoffs"/>).
/// </remarks>
public sealed class BackTestOptions
{
    /// <summary>The target column, <c>Single</c> or <c>Vector&lt;Single, k&gt;</c> for k targets, one row per time step. Required.</summary>
    public string TargetColumnName { get; set; } = "";

    /// <summary>
    /// The forecast column that the transformer adds: <c>Vector&lt;Single, horizon&gt;</c>; for k targets horizon x k numbers, step by step; <c>Single</c> if
    /// horizon and k are 1. Default: "Forecast".
    /// </summary>
    public string ForecastColumnName { get; set; } = "Forecast";

    /// <summary>Steps per forecast, at least 1, as in the forecast column. Required.</summary>
    public int Horizon { get; set; }

    /// <summary>
    /// The time column (DateTime, DateTimeOffset, TimeSpan or a number). Times must increase within each series. An origin is one point in time for all series,
    /// so that no series reveals the future of another. Default: null, rows are in order and origins are counted from the end of each series.
    /// </summary>
    public string? TimeColumnName { get; set; }

    /// <summary>
    /// The time zone of the times, by its IANA or Windows id ("Europe/Berlin"), as in the same option of a forecaster: local times are ordered by instant, also
    /// where the clock goes back, and days and business hours are local. Default: null, times as they are (DateTimeOffset in UTC).
    /// </summary>
    public string? TimeZone { get; set; }

    /// <summary>The column that identifies the row's series (Text, a key, an integer or Boolean). Default: null, all rows are one series.</summary>
    public string? SeriesColumnName { get; set; }

    /// <summary>
    /// Several columns that together identify the row's series, instead of <see cref="SeriesColumnName"/>. The name of a series is its values joined by
    /// <c>|</c>. Default: none.
    /// </summary>
    public string[] SeriesColumnNames { get; set; } = [];

    /// <summary>
    /// Columns with known future values, as in the same option of a recurrent forecaster. The transformer then also gets the rows of the horizon after the
    /// origin: with these columns, the time and the series columns intact, and all others blank (NaN, or the default of the type). Default: none.
    /// </summary>
    public string[] FutureCovariateColumnNames { get; set; } = [];

    /// <summary>
    /// Whether missing times, by the frequency of the time column, count as steps without an actual value, as in the same option of a forecaster. A series
    /// without a row at an origin is left out there. Default: false, consecutive rows are consecutive steps.
    /// </summary>
    public bool FillTimeGaps { get; set; }

    /// <summary>Rows between consecutive origins, at least 1. Default: null, one horizon, so that forecasts do not overlap.</summary>
    public int? Stride { get; set; }

    /// <summary>Maximum number of origins. Default: null: 10, or as many as fit if <see cref="InitialTrainingRows"/> is set.</summary>
    public int? NumberOfOrigins { get; set; }

    /// <summary>Minimum number of rows (with a time column: points in time) before the first origin. Default: null, one.</summary>
    public int? InitialTrainingRows { get; set; }

    /// <summary>
    /// The first time that is forecast, in a time column of dates: the rows before it are history and train the first fit, as the rows before a test part do.
    /// The first origin is the last point in time before it; the others follow, <see cref="Stride"/> rows apart, as many as fit or
    /// <see cref="NumberOfOrigins"/>. Takes the place of <see cref="InitialTrainingRows"/>. Default: null, origins are counted from the end of the data.
    /// </summary>
    public DateTime? Start { get; set; }

    /// <summary>
    /// The time of day of the origins, in a time column of dates: an origin each day that has a row at that time, the last one that is known. Takes the place
    /// of <see cref="Stride"/>; with a horizon of more than a day, forecasts overlap. Default: null, any.
    /// </summary>
    public TimeOnly? OriginTimeOfDay { get; set; }

    /// <summary>
    /// The origins one by one, in a time column of dates: the last time that is known at each. At a time between rows, the rows before it are known. Takes the
    /// place of all other options that choose origins. Default: none.
    /// </summary>
    public IReadOnlyList<DateTime> Cutoffs { get; set; } = [];

    /// <summary>
    /// Number of origins per fit. 1 refits before each origin on all rows up to it, the most realistic and slowest. 0 fits once, before the first origin, and
    /// that model forecasts at every origin from the rows up to it. Default: 0.
    /// </summary>
    public int RefitEvery { get; set; }

    /// <summary>Maximum number of training rows per series, the last ones before the origin of the fit. Default: null, all.</summary>
    public int? MaximumTrainingRows { get; set; }

    /// <summary>
    /// Number of rows per series, just before the origin, that are excluded from the fit. For estimators whose label is a later value in the same row (lagged
    /// features and a regression trainer), set it to the number of steps between the row and its label. Default: 0.
    /// </summary>
    public int TrainingGap { get; set; }

    /// <summary>
    /// Maximum number of rows per series before the first origin of a fit that the transformer reads to forecast; at least the window of the model. Fewer rows
    /// save time with many fits and long series. Default: null: the window of a forecaster of this library (a pipeline whose other parts are row to row, with
    /// the time and series columns of these options), which does not change its forecasts, and all rows of any other transformer.
    /// </summary>
    public int? ContextRows { get; set; }

    /// <summary>
    /// Whether origins are counted from the end of each series even with a time column, for unrelated series (as in the M4 competition). Default: false.
    /// </summary>
    public bool AlignAtSeriesEnd { get; set; }

    /// <summary>The column of lower bounds, of the shape of the forecast column; requires <see cref="UpperBoundColumnName"/>. Default: null.</summary>
    public string? LowerBoundColumnName { get; set; }

    /// <summary>The column of upper bounds. Default: null.</summary>
    public string? UpperBoundColumnName { get; set; }

    /// <summary>The target coverage of the bounds, between 0 and 1. Default: 0.95.</summary>
    public float ConfidenceLevel { get; set; } = 0.95f;

    /// <summary>
    /// The step size by which the bounds follow the outcomes, between 0 and 1, as those of an engine that forecasts at the same origins
    /// (<c>CreateForecastEngine</c> with the same argument): the bounds of an origin are widened or narrowed by the outcomes up to it of forecasts from earlier
    /// origins, series by series and step by step. It goes on over refits. Any forecaster's bounds can follow. Default: 0, the bounds are those of the
    /// transformer.
    /// </summary>
    public float AdaptationRate { get; set; }

    /// <summary>Columns of quantiles by level, each of the shape of the forecast column. Default: none.</summary>
    public IReadOnlyDictionary<double, string> QuantileColumnNames { get; set; } = new Dictionary<double, string>();

    /// <summary>The column of standard deviations of a normal distribution around the forecast, of the shape of the forecast column. Default: null.</summary>
    public string? StandardDeviationColumnName { get; set; }

    /// <summary>
    /// The column of samples, <c>Vector&lt;Single, horizon x k x samples&gt;</c>: the same number for each step and target, with the samples of a step
    /// adjacent. Default: null.
    /// </summary>
    public string? SamplesColumnName { get; set; }

    /// <summary>
    /// Season length in steps, for scaled errors and seasonal baselines. Default: null: by the frequency of the time column
    /// (<see cref="TimeFrequency.Season"/>), else 1.
    /// </summary>
    public int? Season { get; set; }

    /// <summary>
    /// Several season lengths in steps, each at least 2, instead of <see cref="Season"/>: 48 and 336 for half hours with a day and a week. The seasonal naive
    /// forecast is evaluated for each; scaled errors and the other seasonal baselines use the first. Default: none.
    /// </summary>
    public IReadOnlyList<int> SeasonLengths { get; set; } = [];

    /// <summary>The baselines, evaluated at the same origins. Default: <see cref="ForecastBaseline.Defaults"/>.</summary>
    public IReadOnlyList<ForecastBaseline> Baselines { get; set; } = ForecastBaseline.Defaults;

    /// <summary>
    /// The metrics to compute. Default: <see cref="ForecastMetric.Defaults"/>, and the quantile losses of the levels in <see cref="QuantileColumnNames"/>.
    /// </summary>
    public IReadOnlyList<ForecastMetric> Metrics { get; set; } = [];

    /// <summary>
    /// Whether to repeat the forecasts of one origin with rows that end there, to verify that the transformer does not look ahead. Costs one more pass.
    /// Default: true.
    /// </summary>
    public bool VerifyNoLookAhead { get; set; } = true;

    /// <summary>The name of the model in tables. Default: "Model".</summary>
    public string ModelName { get; set; } = "Model";

    /// <summary>Receives progress after each fit and each origin. Default: null.</summary>
    public IProgress<BackTestProgress>? Progress { get; set; }

    /// <summary>
    /// Cancels the back-test with an <see cref="OperationCanceledException"/>. Pass the same token to the estimator so that a fit stops too. Default: none.
    /// </summary>
    public CancellationToken CancellationToken { get; set; }

    internal void Check()
    {
        Name(TargetColumnName, nameof(TargetColumnName));
        Name(ForecastColumnName, nameof(ForecastColumnName));
        Name(ModelName, nameof(ModelName));
        AtLeast(Horizon, 1, nameof(Horizon));
        AtLeast(Stride ?? 1, 1, nameof(Stride));
        AtLeast(NumberOfOrigins ?? 1, 1, nameof(NumberOfOrigins));
        AtLeast(InitialTrainingRows ?? 1, 1, nameof(InitialTrainingRows));
        AtLeast(RefitEvery, 0, nameof(RefitEvery));
        AtLeast(MaximumTrainingRows ?? 1, 1, nameof(MaximumTrainingRows));
        AtLeast(TrainingGap, 0, nameof(TrainingGap));
        AtLeast(ContextRows ?? 1, 1, nameof(ContextRows));
        AtLeast(Season ?? 1, 1, nameof(Season));
        CheckSeasons();
        CheckOrigins();
        foreach (var (name, option) in new[] { (TimeColumnName, nameof(TimeColumnName)), (SeriesColumnName, nameof(SeriesColumnName)),
            (StandardDeviationColumnName, nameof(StandardDeviationColumnName)),
            (SamplesColumnName, nameof(SamplesColumnName)), (LowerBoundColumnName, nameof(LowerBoundColumnName)),
            (UpperBoundColumnName, nameof(UpperBoundColumnName)) })
        {
            if (name is not null) Name(name, option);
        }
        ArgumentNullException.ThrowIfNull(SeriesColumnNames, nameof(SeriesColumnNames));
        ArgumentNullException.ThrowIfNull(FutureCovariateColumnNames, nameof(FutureCovariateColumnNames));
        foreach (var name in SeriesColumnNames) Name(name, nameof(SeriesColumnNames));
        foreach (var name in FutureCovariateColumnNames) Name(name, nameof(FutureCovariateColumnNames));
        if (FutureCovariateColumnNames.Contains(TargetColumnName))
            throw new ArgumentException($"The target column '{TargetColumnName}' is forecast, so it cannot be a future covariate.",
                nameof(FutureCovariateColumnNames));
        if (SeriesColumnName is not null && SeriesColumnNames.Length > 0)
            throw new ArgumentException("The options SeriesColumnName and SeriesColumnNames are both set: name all series columns in SeriesColumnNames.",
                nameof(SeriesColumnNames));
        if (FillTimeGaps && TimeColumnName is null)
            throw new ArgumentException("The option FillTimeGaps needs a time column: set TimeColumnName.", nameof(FillTimeGaps));
        if (LocalTime.Find(TimeZone, nameof(TimeZone)) is not null && TimeColumnName is null)
            throw new ArgumentException("The option TimeZone needs a time column: set TimeColumnName.", nameof(TimeZone));
        if (LowerBoundColumnName is null != UpperBoundColumnName is null)
            throw new ArgumentException("Name the columns of both bounds, or none.",
                LowerBoundColumnName is null ? nameof(LowerBoundColumnName) : nameof(UpperBoundColumnName));
        if (!(ConfidenceLevel is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(ConfidenceLevel), ConfidenceLevel, "The confidence level must lie between 0 and 1.");
        BoundAdaptation.Check(AdaptationRate, nameof(AdaptationRate));
        if (AdaptationRate > 0 && LowerBoundColumnName is null)
            throw new ArgumentException("The option AdaptationRate is for bounds: set LowerBoundColumnName and UpperBoundColumnName, or leave it out.",
                nameof(AdaptationRate));
        ArgumentNullException.ThrowIfNull(QuantileColumnNames, nameof(QuantileColumnNames));
        foreach (var (level, name) in QuantileColumnNames)
        {
            if (!(level is > 0 and < 1))
                throw new ArgumentOutOfRangeException(nameof(QuantileColumnNames), level, "A quantile level must lie between 0 and 1.");
            Name(name, nameof(QuantileColumnNames));
        }
        var distributions = (SamplesColumnName is null ? 0 : 1) + (StandardDeviationColumnName is null ? 0 : 1) + (QuantileColumnNames.Count > 0 ? 1 : 0);
        if (distributions > 1)
            throw new ArgumentException(
                $"Set only one form of the distribution: {nameof(SamplesColumnName)}, {nameof(QuantileColumnNames)} or {nameof(StandardDeviationColumnName)}.",
                nameof(SamplesColumnName));
        ArgumentNullException.ThrowIfNull(Baselines, nameof(Baselines));
        if (Baselines.Contains(null!)) throw new ArgumentException("A baseline is null.", nameof(Baselines));
        ForecastMetrics.Check(Metrics, nameof(Metrics));
    }

    private void CheckSeasons()
    {
        ArgumentNullException.ThrowIfNull(SeasonLengths, nameof(SeasonLengths));
        foreach (var length in SeasonLengths) AtLeast(length, 2, nameof(SeasonLengths));
        if (OptionChecks.Repeated(SeasonLengths.Select(length => length.ToString(CultureInfo.InvariantCulture))) is { } twice)
            throw new ArgumentException($"The season length {twice} is given twice.", nameof(SeasonLengths));
        if (Season is not null && SeasonLengths.Count > 0) throw Both(nameof(SeasonLengths), nameof(Season), "SeasonLengths alone, the most important first");
    }

    private void CheckOrigins()
    {
        ArgumentNullException.ThrowIfNull(Cutoffs, nameof(Cutoffs));
        foreach (var option in DateOptions())
        {
            if (TimeColumnName is null)
                throw new ArgumentException($"The option {option} needs a time column of dates: set TimeColumnName.", option);
            if (AlignAtSeriesEnd) throw Both(option, nameof(AlignAtSeriesEnd), "one of them: that counts origins from the end of each series");
        }
        if (Start is not null && InitialTrainingRows is not null) throw Both(nameof(Start), nameof(InitialTrainingRows), "Start alone, the first one");
        if (OriginTimeOfDay is not null && Stride is not null)
            throw Both(nameof(OriginTimeOfDay), nameof(Stride), "OriginTimeOfDay alone for an origin each day, or Cutoffs for other ones");
        if (Cutoffs.Count == 0) return;
        foreach (var (option, isSet) in new[] { (nameof(Start), Start is not null), (nameof(OriginTimeOfDay), OriginTimeOfDay is not null),
            (nameof(Stride), Stride is not null), (nameof(NumberOfOrigins), NumberOfOrigins is not null),
            (nameof(InitialTrainingRows), InitialTrainingRows is not null) })
        {
            if (isSet) throw Both(nameof(Cutoffs), option, "Cutoffs alone: they are the origins");
        }
    }

    /// <summary>The options that are set and tell origins by their dates.</summary>
    internal IEnumerable<string> DateOptions()
    {
        if (Start is not null) yield return nameof(Start);
        if (OriginTimeOfDay is not null) yield return nameof(OriginTimeOfDay);
        if (Cutoffs.Count > 0) yield return nameof(Cutoffs);
    }

    private static ArgumentException Both(string option, string other, string remedy) =>
        new($"The options {option} and {other} are both set: set {remedy}.", option);

    /// <summary>The season lengths, by the options or the frequency, the first that of scaled errors.</summary>
    internal ImmutableArray<int> Seasons(TimeFrequency? frequency) =>
        SeasonLengths.Count > 0 ? [.. SeasonLengths] : [Season ?? frequency?.Season ?? 1];

    /// <summary>The series columns: none, one or several.</summary>
    internal string[] SeriesKey() => SeriesColumnName is null ? SeriesColumnNames : [SeriesColumnName];

    private static void Name(string? name, string option)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new ArgumentException("The name must be set.", option);
    }

    private static void AtLeast(int value, int minimum, string option)
    {
        if (value < minimum) throw new ArgumentOutOfRangeException(option, value, $"The option {option} must be {minimum} or greater.");
    }
}
