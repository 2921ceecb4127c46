namespace Microsoft.ML.Recurrent;

/// <summary>The progress of a back-test.</summary>
public sealed record BackTestProgress
{
    /// <summary>The current model.</summary>
    public required string Forecaster { get; init; }

    /// <summary>Number of completed fits, over all models.</summary>
    public required int Fits { get; init; }

    /// <summary>Total number of fits.</summary>
    public required int TotalFits { get; init; }

    /// <summary>Number of completed origins, over all models.</summary>
    public required int Origins { get; init; }

    /// <summary>Total number of origins, over all models.</summary>
    public required int TotalOrigins { get; init; }

    /// <summary>Elapsed time.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Estimated remaining time, from the completed origins; null before the first.</summary>
    public TimeSpan? Remaining { get; init; }
}
