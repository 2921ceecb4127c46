namespace Microsoft.ML.Recurrent.Layers;

/// <summary>
/// Multi-head self-attention over the steps; keeps the shape (Vaswani et al. 2017): <c>{Name}.weight_query</c>, <c>_key</c>, <c>_value</c>, <c>_output</c>
/// [features, features] and <c>{Name}.bias_...</c> [features].
/// </summary>
internal sealed record SelfAttentionDescription(string Name, int Heads) : LayerDescription(Name)
{
    /// <summary>Whether a step sees only steps up to itself.</summary>
    public bool Causal { get; init; }

    /// <summary>Whether the input is added to the output.</summary>
    public bool Residual { get; init; }
}
