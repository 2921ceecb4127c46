using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Networks;

/// <summary>
/// The latent variables of a variational autoencoder (Kingma and Welling 2014): the network's outputs are the means and the logarithms of the variances of
/// <see cref="Size"/> normal distributions, and a decoder reads a draw from them at each step and gives the means of the features.
/// </summary>
internal sealed record LatentDescription
{
    /// <summary>Latent variables per row.</summary>
    public required int Size { get; init; }

    /// <summary>The decoder's layers; a linear layer follows them.</summary>
    public required ImmutableArray<LayerDescription> Layers { get; init; }

    /// <summary>The standard deviation of the features given the latent variables, in standardized units; null for one per channel that is learned.</summary>
    public float? Scale { get; init; }

    /// <summary>What is added to learned variances: one hundredth of a standard deviation, squared.</summary>
    [JsonIgnore]
    public float VarianceFloor => Scale is null ? 1e-4f : 0;
}
