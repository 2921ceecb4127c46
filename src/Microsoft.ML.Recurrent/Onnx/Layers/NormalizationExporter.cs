using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Normalization between layers.</summary>
internal static class NormalizationExporter
{
    public static void Export(Flow flow, LayerNormDescription layer, WeightWriter weights) =>
        Continue(flow, LayerNorm(flow.Graph, flow.Tensor, weights.Write(layer.Name + ".weight"), weights.Write(layer.Name + ".bias"), layer.Epsilon));

    /// <summary>Layer normalization over the last axis: one node from opset 17 on, several before.</summary>
    public static string LayerNorm(OnnxGraphBuilder graph, string x, string gain, string bias, float epsilon)
    {
        if (graph.Opset >= 17) return graph.Node("LayerNormalization", [x, gain, bias], ("axis", -1L), ("epsilon", epsilon));
        string centered = graph.Subtract(x, graph.ReduceMean(x, -1, keep: true));
        string variance = graph.ReduceMean(graph.Multiply(centered, centered), -1, keep: true);
        string deviation = graph.Node("Sqrt", [graph.Add(variance, graph.Scalar(epsilon))]);
        return graph.Add(graph.Multiply(graph.Divide(centered, deviation), gain), bias);
    }

    public static void Export(Flow flow, BatchNormDescription layer, WeightWriter weights)
    {
        var graph = flow.Graph;
        string centered = graph.Subtract(flow.Tensor, weights.Write(layer.Name + ".running_mean"));
        string deviation = graph.Node("Sqrt", [graph.Add(weights.Write(layer.Name + ".running_var"), graph.Scalar(layer.Epsilon))]);
        string y = graph.Add(graph.Multiply(graph.Divide(centered, deviation), weights.Write(layer.Name + ".weight")), weights.Write(layer.Name + ".bias"));
        // Steps past the length of a row become 0, as in the network.
        Continue(flow, flow is { IsSequence: true, HasLengths: true } ? graph.Where(flow.Mask, y, graph.Scalar(0f)) : y);
    }

    private static void Continue(Flow flow, string y)
    {
        if (flow.IsSequence) flow.Sequence(y, flow.Features);
        else flow.Vector(y, flow.Features);
    }
}
