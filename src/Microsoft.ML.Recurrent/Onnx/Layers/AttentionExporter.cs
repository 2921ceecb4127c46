using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Attention over the steps of a sequence.</summary>
internal static class AttentionExporter
{
    // Far below every score, and a number still: infinities make NaN where all steps are masked.
    private const float Masked = -1e30f;

    /// <summary>The last state over all states: context and state side by side.</summary>
    public static void Export(Flow flow, AttentionDescription layer, WeightWriter weights)
    {
        var graph = flow.Graph;
        string last = PoolingExporter.Last(flow);
        string Project(string x, string name) => graph.MatMul(x, graph.Transpose(weights.Write(layer.Name + name), 1, 0));

        string scores;
        if (layer.Form is AttentionForm.Additive)
        {
            string sum = graph.Add(Project(flow.Tensor, ".weight_key"), Project(last, ".weight_query"));
            scores = TimeLast(graph, Project(graph.Tanh(sum), ".score"));
        }
        else
        {
            string query = layer.Form is AttentionForm.General ? Project(last, ".weight") : last;
            scores = graph.MatMul(graph.Unsqueeze(query, 1), graph.Transpose(flow.Tensor, 1, 2, 0));
        }

        flow.Vector(graph.Concat(1, WeightedSteps(flow, scores), last), 2 * flow.Features);
    }

    /// <summary>Pooling by learned attention.</summary>
    public static void Pool(Flow flow, PoolingDescription layer, WeightWriter weights)
    {
        var graph = flow.Graph;
        string hidden = graph.Tanh(graph.Add(graph.MatMul(flow.Tensor, graph.Transpose(weights.Write(layer.Name + ".weight"), 1, 0)), weights.Write(layer.Name + ".bias")));
        string scores = TimeLast(graph, graph.MatMul(hidden, graph.Transpose(weights.Write(layer.Name + ".score"), 1, 0)));
        flow.Vector(WeightedSteps(flow, scores), flow.Features);
    }

    /// <summary>Multi-head self-attention.</summary>
    public static void Export(Flow flow, SelfAttentionDescription layer, WeightWriter weights)
    {
        var graph = flow.Graph;
        int size = flow.Features / layer.Heads;
        string Project(string x, string part) =>
            graph.Add(graph.MatMul(x, graph.Transpose(weights.Write($"{layer.Name}.weight_{part}"), 1, 0)), weights.Write($"{layer.Name}.bias_{part}"));
        // [time, batch, features] to [batch, heads, time, size], keys to [batch, heads, size, time].
        string Heads(string part, params long[] order) => graph.Transpose(graph.Reshape(Project(flow.Tensor, part), 0, 0, layer.Heads, size), order);

        string scores = graph.MatMul(Heads("query", 1, 2, 0, 3), Heads("key", 1, 2, 3, 0));
        scores = graph.Multiply(scores, graph.Scalar(1 / MathF.Sqrt(size)));
        if (flow.HasLengths) scores = graph.Where(graph.Unsqueeze(TimeLast(graph, flow.Mask), 1), scores, graph.Scalar(Masked));
        if (layer.Causal)
        {
            string steps = graph.Node("Range", [graph.Scalar(0L), graph.Size(flow.Tensor, 0), graph.Scalar(1L)]);
            scores = graph.Where(graph.Less(graph.Reshape(steps, -1, 1), graph.Reshape(steps, 1, -1)), graph.Scalar(Masked), scores);
        }

        string context = graph.MatMul(graph.Softmax(scores, -1), Heads("value", 1, 2, 0, 3));
        string y = Project(graph.Reshape(graph.Transpose(context, 2, 0, 1, 3), 0, 0, flow.Features), "output");
        flow.Sequence(layer.Residual ? graph.Add(y, flow.Tensor) : y, flow.Features);
    }

    // [time, batch, 1] to [batch, 1, time].
    private static string TimeLast(OnnxGraphBuilder graph, string x) => graph.Transpose(x, 1, 2, 0);

    // The mean of the steps [batch, features], weighted by the soft-max of scores [batch, 1, time].
    private static string WeightedSteps(Flow flow, string scores)
    {
        var graph = flow.Graph;
        if (flow.HasLengths) scores = graph.Where(TimeLast(graph, flow.Mask), scores, graph.Scalar(Masked));
        return graph.Reshape(graph.MatMul(graph.Softmax(scores, -1), graph.Transpose(flow.Tensor, 1, 0, 2)), -1, flow.Features);
    }
}
