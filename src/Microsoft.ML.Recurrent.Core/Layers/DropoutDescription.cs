namespace Microsoft.ML.Recurrent.Layers;

/// <summary>Inverted dropout (Srivastava et al. 2014): scaled in training, inactive in inference.</summary>
internal sealed record DropoutDescription(string Name, float Rate) : LayerDescription(Name)
{
    /// <summary>Whether the same features are dropped at all steps of a sequence (variational dropout, Gal and Ghahramani 2016).</summary>
    public bool SharedOverTime { get; init; }
}
