namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// The codes of all warnings, with which their messages begin. A code never changes its meaning and is never used again. docs/warnings.md says of each when it
/// comes and what to do; a test holds both lists equal. MLR0001 to MLR0999 are errors of the build.
/// </summary>
internal static class WarningCode
{
    /// <summary>Rows of a series have the same time.</summary>
    public const string DuplicateTimes = "MLR1001";

    /// <summary>Interval bounds are NaN, for lack of validation windows.</summary>
    public const string BoundsWithoutValidation = "MLR1002";

    /// <summary>A layer is exported as a loop.</summary>
    public const string LoopInGraph = "MLR1003";

    /// <summary>A device cannot be used; the CPU scores.</summary>
    public const string ScoredOnCpu = "MLR1004";

    /// <summary>A fine-tuned model drops keys of its initial model.</summary>
    public const string DroppedKeys = "MLR1005";

    /// <summary>Training values lie beyond the limits of forecasts.</summary>
    public const string ValuesBeyondLimits = "MLR1006";

    /// <summary>The times of rows fit no frequency.</summary>
    public const string NoFrequency = "MLR1101";
}
