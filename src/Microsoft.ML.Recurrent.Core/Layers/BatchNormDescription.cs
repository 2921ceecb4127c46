namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// Batch normalization of each feature (Ioffe and Szegedy 2015). Parameters, all [features]: <c>{Name}.weight</c> (initially 1) and <c>{Name}.bias</c> (0),
/// and, not trainable, <c>{Name}.running_mean</c> (0) and <c>{Name}.running_var</c> (1).
/// </summary>
internal sealed record BatchNormDescription(string Name) : LayerDescription(Name)
{
    /// <summary>The weight of a batch in the running statistics, from 0 to 1.</summary>
    public float Momentum { get; init; } = 0.1f;

    /// <summary>Added to the variance.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>Whether training normalizes by the running statistics, as inference does, and leaves them as they are.</summary>
    public bool FixedStatistics { get; init; }
}
