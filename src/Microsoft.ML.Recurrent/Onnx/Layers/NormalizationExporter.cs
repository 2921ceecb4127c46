using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Normalization between layers.</summary>
internal static class NormalizationExporter
{
    public static void Export(Flow flow, LayerNormDescription layer, WeightWriter weights) =>
        flow.Continue(LayerNorm(flow.Graph, flow.Tensor, weights.Write(layer.Name + ".weight"), weights.Write(layer.Name + ".bias"), layer.Epsilon),
            flow.Features);

    /// <summary>Layer normalization over the last axis: one node from opset 17 on, several before.</summary>
    public static string LayerNorm(OnnxGraphBuilder graph, string x, string gain, string bias, float epsilon)
    {
        if (graph.Opset >= 17) return graph.Node("LayerNormalization", [x, gain, bias], ("axis", -1L), ("epsilon", epsilon));
        var centered = graph.Subtract(x, graph.ReduceMean(x, -1, keep: true));
        var variance = graph.ReduceMean(graph.Multiply(centered, centered), -1, keep: true);
        var deviation = graph.Sqrt(graph.Add(variance, epsilon));
        return graph.Add(graph.Multiply(graph.Divide(centered, deviation), gain), bias);
    }

    public static void Export(Flow flow, BatchNormDescription layer, WeightWriter weights)
    {
        var graph = flow.Graph;
        var centered = graph.Subtract(flow.Tensor, weights.Write(layer.Name + ".running_mean"));
        var deviation = graph.Sqrt(graph.Add(weights.Write(layer.Name + ".running_var"), layer.Epsilon));
        var y = graph.Add(graph.Multiply(graph.Divide(centered, deviation), weights.Write(layer.Name + ".weight")), weights.Write(layer.Name + ".bias"));
        // Steps past the length of a row become 0, as in the network.
        flow.Continue(flow is { IsSequence: true, HasLengths: true } ? graph.Where(flow.Mask, y, 0f) : y, flow.Features);
    }
}
