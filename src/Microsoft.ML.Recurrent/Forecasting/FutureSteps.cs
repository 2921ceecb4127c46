namespace Microsoft.ML.Recurrent.Forecasting;

/// <summary>The rows after the last observation of a series.</summary>
/// <param name="Values">The numbers of the future covariates, row by row.</param>
/// <param name="Times">The times of the rows; empty if the model has no time column.</param>
internal sealed record FutureSteps(float[] Values, long[] Times)
{
    /// <summary>No rows.</summary>
    public static readonly FutureSteps None = new([], []);
}
