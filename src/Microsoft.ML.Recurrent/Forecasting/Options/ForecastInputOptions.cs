namespace Microsoft.ML.Recurrent;

/// <summary>
/// The input of a forecaster. Rows are time steps of series (<see cref="SeriesInputOptions"/>), or each row holds one window
/// (<see cref="WindowInputOptions"/>). This class has the options that both share.
/// </summary>
public abstract class ForecastInputOptions : IOptionGroup
{
    private protected const string Group = "Input";

    private protected ForecastInputOptions()
    {
    }

    /// <summary>
    /// The column that is forecast: <c>Single</c> or <c>Vector&lt;Single, k&gt;</c> where rows are time steps; the window,
    /// <c>Vector&lt;Single, windowSize&gt;</c> or <c>&lt;Single, windowSize, k&gt;</c>, where rows hold windows. Has to be set.
    /// </summary>
    public string InputColumnName { get; set; } = "";

    /// <summary>Number of past steps from which a forecast is made, at least 1. Has to be set.</summary>
    [SearchRange(0.5, 2, IsRelative = true, IsLogarithmic = true)]
    public int WindowSize { get; set; }

    /// <summary>
    /// Columns that are known up to the time of the forecast: numbers (<c>Single</c>, <c>Vector&lt;Single&gt;</c>), or categories (Text, a key, a whole number
    /// or Boolean), which get learned embeddings; values that do not occur in training count as unknown. In rows that hold windows they are vectors of
    /// <see cref="WindowSize"/> steps (<c>Vector&lt;Single, windowSize&gt;</c>, <c>&lt;Single, windowSize, k&gt;</c>, or a vector of categories).
    /// Default: none.
    /// </summary>
    public string[] PastCovariateColumnNames { get; set; } = [];

    /// <summary>
    /// Columns (numbers or categories, as <see cref="PastCovariateColumnNames"/>) whose future values are known, such as a calendar, prices or a weather
    /// forecast: a forecast uses their values in the window and in the horizon. Where rows are time steps, rows for the horizon follow the last observation,
    /// with NaN as targets. In rows that hold windows they are vectors of window size + horizon steps, as <c>CreateWindows</c> makes them; numbers may also be
    /// there for the horizon alone. Default: none.
    /// </summary>
    public string[] FutureCovariateColumnNames { get; set; } = [];

    /// <summary>
    /// Columns of numbers that describe the whole series (<c>Single</c>, or <c>Vector&lt;Single&gt;</c> of known size), concatenated to the output of the
    /// recurrent layers; categories as well (Text, a key, a whole number or Boolean; a series column may be among them). Default: none.
    /// </summary>
    public string[] StaticColumnNames { get; set; } = [];

    /// <summary>
    /// The time between two steps. Default: null, detected from the time column where calendar features, lags or <see cref="MissingValueOptions.FillTimeGaps"/>
    /// need it.
    /// </summary>
    public TimeFrequency? Frequency { get; set; }

    /// <summary>Features that are derived from the columns. Default: the lags of the frequency.</summary>
    public ForecastFeatureOptions Features { get; set => field = OptionChecks.NotNull(value); } = new();

    /// <summary>The columns that identify a series: none, one or several.</summary>
    internal virtual string[] SeriesKey => [];

    /// <summary>The column of times, by which rows are ordered; null where there is none.</summary>
    internal virtual string? TimeColumn => null;

    /// <summary>The column that holds the values to forecast.</summary>
    internal virtual string TargetColumn => InputColumnName;

    /// <summary>The columns of a step, targets first and future covariates last.</summary>
    internal string[] StepColumns() => [InputColumnName, .. PastCovariateColumnNames, .. FutureCovariateColumnNames];

    internal virtual void Check()
    {
        var checks = new OptionChecks(Group);
        checks.Column(InputColumnName);
        if (WindowSize < 1)
            throw checks.OutOfRange(nameof(WindowSize), WindowSize,
                "must be set: it is the number of past steps from which a forecast is made, at least 1");
        checks.Columns(PastCovariateColumnNames);
        checks.Columns(FutureCovariateColumnNames);
        checks.Columns(StaticColumnNames);
        Features.Check(WindowSize, TimeColumn);
        if (OptionChecks.Repeated(StepColumns().Concat(StaticColumnNames)) is { } twice)
            throw new ArgumentException($"The column '{twice}' is an input twice.", checks.Path(nameof(InputColumnName)));
    }
}
