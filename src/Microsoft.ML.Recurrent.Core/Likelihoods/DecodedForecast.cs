namespace Microsoft.ML.Recurrent.Likelihoods;

/// <summary>The decoded output of a forecaster, as tensors or as tensor names of a graph.</summary>
/// <param name="Location">The forecast.</param>
/// <param name="Lower">The origin of the lower bound.</param>
/// <param name="Upper">The origin of the upper bound.</param>
/// <param name="Scale">The unit of the distance from the origins to the bounds; null for 1.</param>
internal sealed record DecodedForecast<T>(T Location, T Lower, T Upper, T? Scale)
    where T : class
{
    /// <summary>The requested quantiles, in the order of the model outputs.</summary>
    public IReadOnlyList<T> Quantiles { get; init; } = [];

    /// <summary>The standard deviation, if requested.</summary>
    public T? Deviation { get; init; }
}
