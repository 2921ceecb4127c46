using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>From options to the layers of a network.</summary>
internal static class NetworkDesign
{
    /// <summary>The layers that the options describe, or their own network.</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="embeddingSize">Size of the embedding that a token sequence needs; null for numbers.</param>
    public static ImmutableArray<LayerDescription> Layers(RecurrentTrainerOptions options, int? embeddingSize = null)
    {
        if (options.Network is { } own) return own.Layers();
        var network = SequenceNetwork.Create();
        if (embeddingSize is { } size) network = network.Embedding(size);
        return Recurrent(network, options).Pool(options.Pooling).Layers();
    }

    /// <summary>The same for a network of tokens that answers at every step. Dropout follows the embedding too (Zaremba et al. 2014).</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="embeddingSize">Size of the embedding.</param>
    /// <param name="outputSize">Numbers of a step in the end, where they have to be as many (a tied head); a dense layer makes them so.</param>
    public static ImmutableArray<LayerDescription> StepLayers(RecurrentTrainerOptions options, int embeddingSize, int? outputSize = null)
    {
        if (options.Network is { } own)
        {
            var layers = own.StepLayers();
            return layers.FirstOrDefault(layer => layer is PoolingDescription or AttentionDescription) is not { } pooling ? layers
                : throw new ArgumentException($"The layer '{pooling.Name}' makes one vector of all steps, but this network answers at every step: leave the layer out.", nameof(options.Network));
        }

        var network = SequenceNetwork.Create().Embedding(embeddingSize);
        if (options.DropoutRate > 0) network = network.Dropout(options.DropoutRate);
        network = Recurrent(network, options);
        var size = options.HiddenSize * (options.Bidirectional ? 2 : 1);
        return outputSize is { } wanted && wanted != size ? network.Dense(wanted, DenseActivation.Identity, "projection").StepLayers() : network.StepLayers();
    }

    private static SequenceNetwork Recurrent(SequenceNetwork network, RecurrentTrainerOptions options)
    {
        for (var layer = 0; layer < options.NumberOfLayers; layer++)
        {
            network = options.Cell switch
            {
                RecurrentCell.Lstm => network.Lstm(options.HiddenSize, options.Bidirectional),
                RecurrentCell.Gru => network.Gru(options.HiddenSize, options.Bidirectional),
                _ => network.SimpleRnn(options.HiddenSize, options.Bidirectional, activation: options.Activation),
            };
            if (options.DropoutRate > 0) network = network.Dropout(options.DropoutRate);
        }
        return network;
    }
}
