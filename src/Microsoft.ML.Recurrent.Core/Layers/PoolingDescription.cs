namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// Pools all steps to one vector: [time, batch, features] to [batch, features]. Attention pooling has <c>{Name}.weight</c> [features, features],
/// <c>{Name}.bias</c> [features] and <c>{Name}.score</c> [1, features].
/// </summary>
internal sealed record PoolingDescription(string Name, SequencePooling Pooling) : LayerDescription(Name)
{
    /// <summary>
    /// For <see cref="SequencePooling.Last"/> over a bidirectional layer: whether the reverse direction is also read at the last valid step, as in models of
    /// some other frameworks.
    /// </summary>
    public bool ReverseAtLastStep { get; init; }
}
