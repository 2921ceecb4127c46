using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Writes an adaptive softmax, as in <see cref="AdaptiveSoftmax"/>: the log-probabilities of all outputs at every step.</summary>
internal static class AdaptiveSoftmaxExporter
{
    /// <summary>[batch, time, outputs] from the states, [batch, time, n].</summary>
    public static string Export(OnnxGraphBuilder graph, string states, AdaptiveSoftmaxDescription softmax, WeightWriter weights)
    {
        var head = LogSoftmax(graph.Add(graph.MatMul(states, weights.Transposed("head.weight")), weights.Write("head.bias")));
        List<string> parts = [graph.Slice(head, 0, softmax.Cutoffs[0], 2)];
        for (var i = 0; i < softmax.Cutoffs.Length; i++)
        {
            var name = FormattableString.Invariant($"{i + 1}");
            var projected = graph.MatMul(states, weights.Transposed(AdaptiveSoftmax.ProjectionName + name));
            var inner = LogSoftmax(graph.MatMul(projected, weights.Transposed(AdaptiveSoftmax.WeightName + name)));
            parts.Add(graph.Add(inner, graph.Slice(head, softmax.Cutoffs[0] + i, softmax.Cutoffs[0] + i + 1, 2)));
        }
        return graph.Gather(graph.Concat(2, [.. parts]), graph.Cast(weights.Write(AdaptiveSoftmax.PlacesName), OnnxType.Int64), 2);

        string LogSoftmax(string logits) => graph.Node("LogSoftmax", [logits], ("axis", 2L));
    }
}
