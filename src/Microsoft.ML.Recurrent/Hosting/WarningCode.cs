namespace Microsoft.ML.Recurrent.Hosting;

/// <summary>
/// The codes of all warnings, with which their messages begin. A code never changes its meaning and is never used again. docs/warnings.md says of each when it
/// comes and what to do; a test holds both lists equal. MLR0001 to MLR0999 are errors of the build.
/// </summary>
internal static class WarningCode
{
    /// <summary>Rows of a series have the same time.</summary>
    public const string DuplicateTimes = "MLR1001";

    /// <summary>Interval bounds are NaN: there are too few validation windows for their level.</summary>
    public const string MissingBounds = "MLR1002";

    /// <summary>A layer is exported as a loop.</summary>
    public const string LoopInGraph = "MLR1003";

    /// <summary>A device cannot be used; the CPU scores.</summary>
    public const string ScoredOnCpu = "MLR1004";

    /// <summary>A fine-tuned model drops keys of its initial model.</summary>
    public const string DroppedKeys = "MLR1005";

    /// <summary>The trained model is worse than the untrained one.</summary>
    public const string LossRose = "MLR1006";

    /// <summary>Training diverged after complete epochs, of which the best one was kept.</summary>
    public const string Diverged = "MLR1007";

    /// <summary>All labels are the same.</summary>
    public const string OneLabel = "MLR1008";

    /// <summary>There is one training example.</summary>
    public const string OneExample = "MLR1009";

    /// <summary>One value ruins the scale of its column.</summary>
    public const string Outlier = "MLR1010";

    /// <summary>Rows of a series are missing here and there.</summary>
    public const string MissingRows = "MLR1011";

    /// <summary>Gaps of a series of another frequency are filled.</summary>
    public const string MixedFrequencies = "MLR1012";

    /// <summary>Exact zeros stand among values far from zero.</summary>
    public const string ZerosAmongValues = "MLR1013";

    /// <summary>Training targets lie beyond the limits of forecasts.</summary>
    public const string BeyondLimits = "MLR1014";

    /// <summary>A time lies far from the others of its series.</summary>
    public const string DistantTime = "MLR1015";

    /// <summary>The times of rows fit no frequency.</summary>
    public const string NoFrequency = "MLR1101";

    /// <summary>A back-test leaves out forecasts whose horizons lack steps with what is known ahead.</summary>
    public const string MissingFutureSteps = "MLR1102";

    /// <summary>A checkpoint of training could not be written.</summary>
    public const string CheckpointNotWritten = "MLR1201";

    /// <summary>Fewer than half of the tokens have a word vector.</summary>
    public const string FewWordVectors = "MLR1301";

    /// <summary>Rows without tokens, or with too many, are left out of training.</summary>
    public const string RowsLeftOut = "MLR1302";

    /// <summary>Unknown tokens are to be copied, but training has none.</summary>
    public const string NothingToCopy = "MLR1303";

    /// <summary>Numbers of a column cannot be told apart as Single.</summary>
    public const string RoundedNumbers = "MLR1601";
}
