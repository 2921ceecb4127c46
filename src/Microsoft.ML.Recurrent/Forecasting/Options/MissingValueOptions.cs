namespace Microsoft.ML.Recurrent;

/// <summary>How missing values, gaps in time, times that come twice, and series shorter than a window are treated.</summary>
public sealed class MissingValueOptions : IOptionGroup
{
    /// <summary>What is done with missing numbers (NaN). Default: they are masked if the training rows have any.</summary>
    public MissingValueHandling Handling { get; set; } = MissingValueHandling.Auto;

    /// <summary>
    /// Whether times at which a series has no row, according to its frequency, become rows of missing numbers, in training and in scoring: a window then always
    /// spans the same time. Needs a time column of DateTime or DateTimeOffset. Default: false, rows follow each other whatever the time between them.
    /// </summary>
    public bool FillTimeGaps { get; set; }

    /// <summary>
    /// What a row means whose time its series has already had, in training, in scoring and, unless it is created otherwise, in a forecast engine. Training and
    /// back-tests warn of such rows, but not if they are steps. Needs a time column. Default: the newer row takes the place of the older one.
    /// </summary>
    public DuplicateTimes DuplicateTimes { get; set; } = DuplicateTimes.Replace;

    /// <summary>
    /// Rows of a series after which it is forecast, from 1 to the window size (cold series): steps before the first row count as missing, in training too. For
    /// rows that are time steps. Default: null, a whole window.
    /// </summary>
    public int? MinimumHistory { get; set; }

    internal void Check(ForecastInputOptions input)
    {
        var checks = new OptionChecks("MissingValues");
        checks.Defined<MissingValueHandling>(Handling);
        checks.Defined<DuplicateTimes>(DuplicateTimes);
        if (DuplicateTimes is not DuplicateTimes.Replace && input.TimeColumn is null)
            throw checks.Refused(nameof(DuplicateTimes), "needs a time column: name it in Input.TimeColumnName (SeriesInputOptions).");
        // Windows are whole, and hold no times.
        if (input is not SeriesInputOptions && (MinimumHistory is not null || FillTimeGaps))
        {
            throw checks.Refused(FillTimeGaps ? nameof(FillTimeGaps) : nameof(MinimumHistory),
                "is for rows that are time steps (SeriesInputOptions): rows that hold windows are whole. Leave it out.");
        }
        if (MinimumHistory < 1 || MinimumHistory > input.WindowSize)
            throw checks.OutOfRange(nameof(MinimumHistory), MinimumHistory, $"must lie from 1 to Input.WindowSize, which is {input.WindowSize}");
        if (Handling is MissingValueHandling.Refuse && MinimumHistory < input.WindowSize)
        {
            throw checks.Refused(nameof(MinimumHistory),
                "counts the steps before a series' first row as missing, which MissingValues.Handling = Refuse does not allow.");
        }
        if (Handling is MissingValueHandling.Refuse && FillTimeGaps)
            throw checks.Refused(nameof(FillTimeGaps), "adds rows whose numbers are missing, which MissingValues.Handling = Refuse does not allow.");
        if (FillTimeGaps && input.TimeColumn is null)
            throw checks.Refused(nameof(FillTimeGaps), "needs a time column: name it in Input.TimeColumnName.");
    }
}
