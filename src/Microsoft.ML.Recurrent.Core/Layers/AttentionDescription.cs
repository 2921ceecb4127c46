namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// Attention of the last state of each row over all its states, [time, batch, features] to [batch, 2 x features]: the context, then the last state (Luong et
/// al. 2015). Dot has no parameters; General has <c>{Name}.weight</c> [features, features]; Additive has <c>{Name}.weight_query</c> and
/// <c>{Name}.weight_key</c> [units, features] and <c>{Name}.score</c> [1, units].
/// </summary>
internal sealed record AttentionDescription(string Name, AttentionForm Form) : LayerDescription(Name)
{
    /// <summary>Units of the additive form; 0 for the number of features.</summary>
    public int Units { get; init; }
}
