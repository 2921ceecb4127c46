namespace Microsoft.ML.Recurrent;

/// <summary>Options of a back-test: what is forecast, where the origins lie, how often the model is fitted again, and what is measured.</summary>
/// <remarks>
/// An origin is a point in time at which forecasts are made: everything up to it is history, the <see cref="Horizon"/> rows after it are the truth. Origins are
/// counted back from the end of the data, <see cref="Stride"/> rows apart, the last one having exactly one horizon after it.
/// </remarks>
public sealed class BackTestOptions
{
    /// <summary>The column that is forecast, <c>Single</c> or <c>Vector&lt;Single, k&gt;</c> (k targets), one row a time step. Has to be set.</summary>
    public string TargetColumnName { get; set; } = "";

    /// <summary>
    /// The forecasts' column that the transformer adds: <c>Vector&lt;Single, horizon&gt;</c>, of k targets horizon x k numbers step by step; <c>Single</c>
    /// where horizon and k are 1. Default: "Forecast".
    /// </summary>
    public string ForecastColumnName { get; set; } = "Forecast";

    /// <summary>Steps of a forecast that are measured, at least 1: as many as the forecasts' column holds. Has to be set.</summary>
    public int Horizon { get; set; }

    /// <summary>
    /// The time column (DateTime, DateTimeOffset, TimeSpan or a number). Rows must rise in time within each series; an origin is one point in time for all
    /// series, so that no series tells of another one's future. Default: null, rows are in order, and origins are counted from each series' own end.
    /// </summary>
    public string? TimeColumnName { get; set; }

    /// <summary>Which series a row belongs to (Text, a key, a whole number or Boolean). Default: null, all rows are one series.</summary>
    public string? SeriesColumnName { get; set; }

    /// <summary>
    /// The columns that together tell which series a row belongs to, in place of <see cref="SeriesColumnName"/>; a series is then named by its values joined by
    /// <c>|</c>. Default: none.
    /// </summary>
    public string[] SeriesColumnNames { get; set; } = [];

    /// <summary>
    /// Columns whose values are known before the steps that are forecast, as the option of that name of a recurrent forecaster. The transformer is given the
    /// horizon's rows after the origin as well, of which these columns, the time and the series' columns hold what they hold, and all others nothing (NaN, or
    /// the type's default). Default: none.
    /// </summary>
    public string[] FutureCovariateColumnNames { get; set; } = [];

    /// <summary>
    /// Whether times at which a series has no row, though the time column's frequency asks for one, count as steps without a truth, as for a forecaster with
    /// the option of that name. Series without a row at an origin are left out there. Default: false, rows follow each other whatever lies between them.
    /// </summary>
    public bool FillTimeGaps { get; set; }

    /// <summary>Rows from one origin to the next, at least 1. Default: null, one horizon, so that forecasts do not overlap.</summary>
    public int? Stride { get; set; }

    /// <summary>Origins at the most. Default: null: 10, or as many as there are room for where <see cref="InitialTrainingRows"/> is given.</summary>
    public int? NumberOfOrigins { get; set; }

    /// <summary>Rows (with a time column: points in time) that lie before the first origin at least. Default: null, one.</summary>
    public int? InitialTrainingRows { get; set; }

    /// <summary>
    /// After how many origins the model is fitted again, on all rows up to then: 1 for each origin, as in practice and slowest; 0 for one fit before the first
    /// origin, whose model then answers every origin from the rows up to it. Default: 0.
    /// </summary>
    public int RefitEvery { get; set; }

    /// <summary>Rows of each series that a fit sees at the most, the last ones before its origin. Default: null, all.</summary>
    public int? MaximumTrainingRows { get; set; }

    /// <summary>
    /// Rows of each series just before the origin that a fit does not see. For estimators whose label is a later value that the data already hold (lagged
    /// features and a regression trainer), set it to the steps that the label looks ahead. Default: 0.
    /// </summary>
    public int TrainingGap { get; set; }

    /// <summary>
    /// Rows of each series before the first origin of a fit that the transformer is given to answer from, at the most: at least the model's window. Fewer rows
    /// are faster where many fits meet long series. Default: null, all rows from the series' start.
    /// </summary>
    public int? ContextRows { get; set; }

    /// <summary>
    /// Counts origins from each series' own end even where there is a time column, for series that have nothing to do with one another's calendar (as in the M4
    /// competition). Default: false.
    /// </summary>
    public bool AlignAtSeriesEnd { get; set; }

    /// <summary>The lower bounds' column, shaped like the forecasts'; goes with <see cref="UpperBoundColumnName"/>. Default: null.</summary>
    public string? LowerBoundColumnName { get; set; }

    /// <summary>The upper bounds' column. Default: null.</summary>
    public string? UpperBoundColumnName { get; set; }

    /// <summary>The share of values that the bounds are meant to enclose, between 0 and 1. Default: 0.95.</summary>
    public float ConfidenceLevel { get; set; } = 0.95f;

    /// <summary>Columns of quantiles by level, each shaped like the forecasts'. Default: none.</summary>
    public IReadOnlyDictionary<double, string> QuantileColumnNames { get; set; } = new Dictionary<double, string>();

    /// <summary>The column of a normal distribution's standard deviations around the forecast, shaped like the forecasts'. Default: null.</summary>
    public string? StandardDeviationColumnName { get; set; }

    /// <summary>
    /// The column of samples: as many for each step and target, <c>Vector&lt;Single, horizon x k x samples&gt;</c>, the samples of one step side by side.
    /// Default: null.
    /// </summary>
    public string? SamplesColumnName { get; set; }

    /// <summary>
    /// Steps of a season, for the scaled errors and the seasonal baselines. Default: null: what is usual for the time column's frequency
    /// (<see cref="TimeFrequency.Season"/>), else 1.
    /// </summary>
    public int? Season { get; set; }

    /// <summary>What the model is compared with, at the same origins. Default: <see cref="ForecastBaseline.Defaults"/>.</summary>
    public IReadOnlyList<ForecastBaseline> Baselines { get; set; } = ForecastBaseline.Defaults;

    /// <summary>
    /// What is measured. Default: <see cref="ForecastMetric.Defaults"/>, and the quantile losses of <see cref="QuantileColumnNames"/>' levels.
    /// </summary>
    public IReadOnlyList<ForecastMetric> Metrics { get; set; } = [];

    /// <summary>
    /// Whether one origin's forecasts are made a second time from rows that end there, to prove that the transformer does not look ahead; costs one more pass.
    /// Default: true.
    /// </summary>
    public bool VerifyNoLookAhead { get; set; } = true;

    /// <summary>The model's name in tables. Default: "Model".</summary>
    public string ModelName { get; set; } = "Model";

    /// <summary>Told after each fit and each origin. Default: null.</summary>
    public IProgress<BackTestProgress>? Progress { get; set; }

    /// <summary>
    /// Ends the back-test with an <see cref="OperationCanceledException"/>; give the estimator the same token so that a fit ends too. Default: none.
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
            throw new ArgumentException($"The target column '{TargetColumnName}' is what is forecast: it is not known ahead.",
                nameof(FutureCovariateColumnNames));
        if (SeriesColumnName is not null && SeriesColumnNames.Length > 0)
            throw new ArgumentException("The options SeriesColumnName and SeriesColumnNames both name series columns: name them all in SeriesColumnNames.",
                nameof(SeriesColumnNames));
        if (FillTimeGaps && TimeColumnName is null)
            throw new ArgumentException("The option FillTimeGaps needs times: name their column in TimeColumnName.", nameof(FillTimeGaps));
        if (LowerBoundColumnName is null != UpperBoundColumnName is null)
            throw new ArgumentException("Name both bounds' columns, or none.",
                LowerBoundColumnName is null ? nameof(LowerBoundColumnName) : nameof(UpperBoundColumnName));
        if (!(ConfidenceLevel is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(ConfidenceLevel), ConfidenceLevel, "A confidence level lies between 0 and 1.");
        ArgumentNullException.ThrowIfNull(QuantileColumnNames, nameof(QuantileColumnNames));
        foreach (var (level, name) in QuantileColumnNames)
        {
            if (!(level is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(QuantileColumnNames), level, "A quantile's level lies between 0 and 1.");
            Name(name, nameof(QuantileColumnNames));
        }
        var distributions = (SamplesColumnName is null ? 0 : 1) + (StandardDeviationColumnName is null ? 0 : 1) + (QuantileColumnNames.Count > 0 ? 1 : 0);
        if (distributions > 1)
            throw new ArgumentException(
                $"Give the distribution in one form: {nameof(SamplesColumnName)}, {nameof(QuantileColumnNames)} or {nameof(StandardDeviationColumnName)}.",
                nameof(SamplesColumnName));
        ArgumentNullException.ThrowIfNull(Baselines, nameof(Baselines));
        if (Baselines.Contains(null!)) throw new ArgumentException("A baseline is null.", nameof(Baselines));
        ForecastMetrics.Check(Metrics, nameof(Metrics));
    }

    /// <summary>The columns that tell the series: none, one or several.</summary>
    internal string[] SeriesKey() => SeriesColumnName is null ? SeriesColumnNames : [SeriesColumnName];

    private static void Name(string? name, string option)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new ArgumentException("The name has to be set.", option);
    }

    private static void AtLeast(int value, int minimum, string option)
    {
        if (value < minimum) throw new ArgumentOutOfRangeException(option, value, $"The option {option} must be {minimum} or greater.");
    }
}
