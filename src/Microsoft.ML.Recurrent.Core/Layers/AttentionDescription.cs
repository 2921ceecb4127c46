namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// Attention of each row's last state over all its states, [time, batch, features] to [batch, 2 x features]: the context, then the last state itself (Luong et
/// al. 2015). Dot has no parameters; General <c>{Name}.weight</c> [features, features]; Additive <c>{Name}.weight_query</c> and <c>{Name}.weight_key</c>
/// [units, features] and <c>{Name}.score</c> [1, units].
/// </summary>
internal sealed record AttentionDescription(string Name, AttentionForm Form) : LayerDescription(Name)
{
    /// <summary>Of the additive form; 0 for as many as features.</summary>
    public int Units { get; init; }
}
