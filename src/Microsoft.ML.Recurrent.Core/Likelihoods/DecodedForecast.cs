namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>What a forecaster's numbers mean, as tensors or as names of a graph's tensors.</summary>
/// <param name="Location">The forecast.</param>
/// <param name="Lower">Where the lower bound is measured from.</param>
/// <param name="Upper">Where the upper bound is measured from.</param>
/// <param name="Scale">The unit of the distance from there to the bounds; null for 1.</param>
internal sealed record DecodedForecast<T>(T Location, T Lower, T Upper, T? Scale)
    where T : class
{
    /// <summary>The quantiles asked for, in the order of the model's outputs.</summary>
    public IReadOnlyList<T> Quantiles { get; init; } = [];

    /// <summary>The standard deviation, where it was asked for.</summary>
    public T? Deviation { get; init; }
}
