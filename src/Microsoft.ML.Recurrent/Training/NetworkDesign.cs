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
        return network.Pool(options.Pooling).Layers();
    }
}
