using Microsoft.ML.Recurrent.Networks;
using Microsoft.ML.Recurrent.Networks.Decoding;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Writes the decoder of an autoencoder, as in <see cref="LatentDecoder"/>.</summary>
internal static class LatentDecoderExporter
{
    /// <param name="graph">The target graph.</param>
    /// <param name="network">The network.</param>
    /// <param name="latent">Latent variables, [batch, size].</param>
    /// <param name="window">The input of the network's layers, [time, batch, features], whose steps are decoded.</param>
    /// <param name="hasLengths">Whether rows differ in length.</param>
    /// <param name="weights">Writes the parameters.</param>
    /// <returns>The means of the features, [time, batch, features].</returns>
    public static string Export(OnnxGraphBuilder graph, NetworkDescription network, string latent, string window, bool hasLengths, WeightWriter weights)
    {
        var description = network.Latent!;
        var shape = graph.Concat(0, graph.Unsqueeze(graph.Size(window, 0), 0), graph.Constant(1L, 1L));
        var flow = new Flow(graph, graph.Node("Expand", [graph.Unsqueeze(latent, 0), shape]), description.Size,
            hasLengths ? graph.Cast(ModelManifest.LengthInput, OnnxType.Int32) : "");
        foreach (var layer in description.Layers) LayerExporter.Export(flow, layer, weights);
        return graph.Add(graph.MatMul(flow.Tensor, weights.Transposed(LatentDecoder.OutputName + ".weight")),
            weights.Write(LatentDecoder.OutputName + ".bias"));
    }
}
