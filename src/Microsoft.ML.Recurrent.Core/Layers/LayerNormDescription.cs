namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// Layer normalization over the features of each step (Ba et al. 2016): <c>{Name}.weight</c> (initially 1) and <c>{Name}.bias</c> (0), both [features].
/// </summary>
internal sealed record LayerNormDescription(string Name) : LayerDescription(Name)
{
    /// <summary>Added to the variance.</summary>
    public float Epsilon { get; init; } = 1e-5f;
}
