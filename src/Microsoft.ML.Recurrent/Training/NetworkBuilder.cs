using System.Collections.Immutable;
using Microsoft.ML.Recurrent.Kernels.Recurrent;
using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Training;

/// <summary>Builds the layers of a network from options.</summary>
internal static class NetworkBuilder
{
    /// <summary>The layers that the options describe, or the network they contain.</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="embeddingSize">Embedding size for a token sequence; null for numbers.</param>
    public static ImmutableArray<LayerDescription> Layers(NetworkOptions options, int? embeddingSize = null)
    {
        if (options.Custom is { } own) return own.Layers();
        var network = SequenceNetwork.Create();
        if (embeddingSize is { } size)
        {
            network = network.Embedding(size);
            if (options.Regularization.EmbeddingDropoutRate is > 0 and var rate) network = network.Dropout(rate);
        }
        network = Recurrent(network, options, normalizesLast: false).Pool(options.Pooling ?? SequencePooling.Last);
        // The last states of two directions are not those of the last step: they are pooled before they are normalized.
        return (Normalizes(options) ? network.LayerNorm() : network).Layers();
    }

    /// <summary>The layers of a network with per-step outputs, of tokens or numbers. Dropout also follows the embedding (Zaremba et al. 2014).</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="embeddingSize">Size of the embedding; null for numbers.</param>
    /// <param name="outputSize">Required output size per step (for a tied head), adapted by a dense layer; null for none.</param>
    public static ImmutableArray<LayerDescription> StepLayers(NetworkOptions options, int? embeddingSize, int? outputSize = null)
    {
        if (options.Custom is { } own) return OwnSteps(own, "has per-step outputs");
        var network = SequenceNetwork.Create();
        // A number that is dropped is missing for good; a part of an embedding is not.
        if (embeddingSize is { } size)
        {
            network = network.Embedding(size);
            if ((options.Regularization.EmbeddingDropoutRate ?? options.Regularization.DropoutRate) is > 0 and var rate) network = network.Dropout(rate);
        }
        network = Recurrent(network, options);
        return outputSize is { } wanted && wanted != options.StateSize
            ? network.Dense(wanted, DenseActivation.Identity, "projection").StepLayers()
            : network.StepLayers();
    }

    /// <summary>The encoder layers of a numeric network with a decoder: all steps and states.</summary>
    public static ImmutableArray<LayerDescription> EncoderLayers(NetworkOptions options) =>
        options.Custom is { } own ? OwnSteps(own, "has a decoder that continues from its states") : Recurrent(SequenceNetwork.Create(), options).StepLayers();

    /// <summary>
    /// The layers of a decoder after those of the encoder: a unidirectional recurrent layer for each recurrent one, with its dropout and layer normalization.
    /// </summary>
    public static ImmutableArray<LayerDescription> DecoderLayers(ImmutableArray<LayerDescription> encoder)
    {
        List<LayerDescription> layers = [];
        var size = 0;
        foreach (var layer in encoder)
        {
            var name = "decoder_" + layer.Name;
            if (layer is RecurrentDescription recurrent)
            {
                layers.Add(recurrent with
                {
                    Name = name,
                    Bidirectional = false,
                    Merge = BidirectionalMerge.Concat,
                    Dilation = 1,
                    Residual = recurrent.Residual && recurrent.StateSize == size
                });
                size = recurrent.StateSize;
            }
            else if (layer is DropoutDescription or LayerNormDescription && layers.Count > 0) layers.Add(layer with { Name = name });
        }
        return layers.Count > 0
            ? [.. layers]
            : throw new ArgumentException(
                "The option Network.Custom has no recurrent layer to initialize the states of a decoder: add one, or choose the strategy Direct.",
                "Network.Custom");
    }

    /// <summary>
    /// The layers of a decoder of tokens: an embedding, with dropout as after the encoder's, and those of <see cref="DecoderLayers"/>.
    /// </summary>
    /// <param name="options">Checked options of the encoder.</param>
    /// <param name="encoder">The encoder's layers.</param>
    /// <param name="embeddingSize">Size of the embedding.</param>
    /// <param name="hiddenSize">Size of each layer's state; null for that of the encoder's layer, both directions together.</param>
    public static ImmutableArray<LayerDescription> TokenDecoderLayers(NetworkOptions options, ImmutableArray<LayerDescription> encoder, int embeddingSize,
        int? hiddenSize)
    {
        var directions = encoder.OfType<RecurrentDescription>().Any(layer => layer.OutputSize > layer.StateSize) ? 2 : 1;
        return
        [
            new EmbeddingDescription("decoder_embedding", embeddingSize),
            .. (options.Regularization.EmbeddingDropoutRate ?? options.Regularization.DropoutRate) is > 0 and var rate
                ? [new DropoutDescription("decoder_embedding_dropout", rate)] : ImmutableArray<LayerDescription>.Empty,
            .. DecoderLayers(encoder).Select(layer => layer is not RecurrentDescription recurrent ? layer
                : recurrent with
                {
                    HiddenSize = hiddenSize ?? directions * recurrent.HiddenSize,
                    Projection = hiddenSize is null ? directions * recurrent.Projection : 0,
                }),
        ];
    }

    private static ImmutableArray<LayerDescription> OwnSteps(SequenceNetwork own, string what)
    {
        var layers = own.StepLayers();
        return layers.FirstOrDefault(layer => layer is PoolingDescription or AttentionDescription) is not { } pooling ? layers
            : throw new ArgumentException($"The layer '{pooling.Name}' pools all steps into one vector, but this network {what}: remove the layer.",
                "Network.Custom");
    }

    private static bool Normalizes(NetworkOptions options) => options.LayerNormalization is LayerNormalizationPlace.BetweenLayers;

    private static SequenceNetwork Recurrent(SequenceNetwork network, NetworkOptions options, bool normalizesLast = true)
    {
        for (var layer = 0; layer < options.NumberOfLayers; layer++)
        {
            var own = new RecurrentLayerOptions
            {
                Bidirectional = options.Bidirectional is true,
                Activation = CellDescriptor.For(options.Cell).Has(CellOptions.Activation) ? options.Activation : RecurrentActivation.Tanh,
                Residual = options.ResidualConnections && layer > 0,
                Projection = options.ProjectionSize ?? 0,
                InputDropout = options.Regularization.InputDropoutRate,
                RecurrentDropout = options.Regularization.RecurrentDropoutRate,
                ZoneoutHidden = options.Regularization.ZoneoutRate,
                ZoneoutCell = options.Regularization.CellZoneoutRate,
                LayerNormalization = options.LayerNormalization is LayerNormalizationPlace.InsideCell,
            };
            network = network.Recurrent(options.Cell, options.HiddenSize, own);
            if (Normalizes(options) && (normalizesLast || layer < options.NumberOfLayers - 1)) network = network.LayerNorm();
            if (options.Regularization.DropoutRate is > 0 and var rate) network = network.Dropout(rate);
        }
        return network;
    }
}
