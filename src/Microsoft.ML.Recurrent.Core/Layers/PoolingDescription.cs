namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// All steps to one vector: [time, batch, features] to [batch, features]. Pooling by attention has <c>{Name}.weight</c> [features, features],
/// <c>{Name}.bias</c> [features] and <c>{Name}.score</c> [1, features].
/// </summary>
internal sealed record PoolingDescription(string Name, SequencePooling Pooling) : LayerDescription(Name)
{
    /// <summary>
    /// Of <see cref="SequencePooling.Last"/> over a bidirectional layer: whether the reverse direction, too, is read at the last true step, as models of other
    /// frameworks do.
    /// </summary>
    public bool ReverseAtLastStep { get; init; }
}
