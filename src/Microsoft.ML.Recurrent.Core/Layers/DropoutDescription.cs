namespace Microsoft.ML.Recurrent.Layers;

/// <summary>Dropout, inverted: scaled while training, nothing at inference (Srivastava et al. 2014).</summary>
internal sealed record DropoutDescription(string Name, float Rate) : LayerDescription(Name)
{
    /// <summary>Whether all steps of a sequence lose the same features (variational dropout, Gal and Ghahramani 2016).</summary>
    public bool SharedOverTime { get; init; }
}
