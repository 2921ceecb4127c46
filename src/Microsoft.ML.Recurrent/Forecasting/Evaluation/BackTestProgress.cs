namespace Microsoft.ML.Recurrent;

/// <summary>Where a back-test stands.</summary>
public sealed record BackTestProgress
{
    /// <summary>The model at work.</summary>
    public required string Forecaster { get; init; }

    /// <summary>Fits done, over all models.</summary>
    public required int Fits { get; init; }

    /// <summary>Fits of the whole back-test.</summary>
    public required int TotalFits { get; init; }

    /// <summary>Origins answered, over all models.</summary>
    public required int Origins { get; init; }

    /// <summary>Origins of the whole back-test, over all models.</summary>
    public required int TotalOrigins { get; init; }

    /// <summary>Time since the back-test began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Time left, judged by the origins answered so far; null before the first.</summary>
    public TimeSpan? Remaining { get; init; }
}
