using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Attention over the steps of a sequence.</summary>
internal static class AttentionExporter
{
    // Far below every score but finite: infinities give NaN if all steps are masked.
    private const float Masked = -1e30f;

    /// <summary>Attention of the last state over all states: concatenates context and state.</summary>
    public static void Export(Flow flow, AttentionDescription layer, WeightWriter weights)
    {
        var last = PoolingExporter.Last(flow);
        flow.Vector(flow.Graph.Concat(1, Contexts(flow, layer.Name, layer.Form, weights)(last), last), 2 * flow.Features);
    }

    /// <summary>
    /// Prepares attention over the steps of a sequence. The returned function maps a query [batch, n] to its context [batch, features]; with several paths, the
    /// rows of both are batch x paths.
    /// </summary>
    public static Func<string, string> Contexts(Flow flow, string name, AttentionForm form, WeightWriter weights, int paths = 1)
    {
        var graph = flow.Graph;
        var states = graph.Transpose(flow.Tensor, 1, 0, 2);
        var mask = flow.HasLengths ? TimeLast(graph, flow.Mask) : null;
        var keys = form is AttentionForm.Additive
            ? graph.MatMul(flow.Tensor, weights.Transposed(name + ".weight_key"))
            : graph.Transpose(flow.Tensor, 1, 2, 0);
        if (form is AttentionForm.Additive && paths > 1) keys = graph.Unsqueeze(keys, 2);
        var features = flow.Features;
        return query => WeightedSteps(graph, Scores(query), mask, states, features);

        string Scores(string query) => form switch
        {
            AttentionForm.Additive when paths > 1 =>
                graph.Transpose(graph.Squeeze(AdditiveScores(graph.Reshape(graph.MatMul(query, weights.Transposed(name + ".weight_query")), -1, paths,
                    weights.Units(name + ".weight_query"))), -1), 1, 2, 0),
            AttentionForm.Additive => TimeLast(graph, AdditiveScores(graph.MatMul(query, weights.Transposed(name + ".weight_query")))),
            AttentionForm.General => graph.MatMul(Queries(graph.MatMul(query, weights.Transposed(name + ".weight"))), keys),
            _ => graph.MatMul(Queries(query), keys),
        };

        string AdditiveScores(string query) => graph.MatMul(graph.Tanh(graph.Add(keys, query)), weights.Transposed(name + ".score"));

        string Queries(string query) => paths == 1 ? graph.Unsqueeze(query, 1) : graph.Reshape(query, -1, paths, features);
    }

    /// <summary>Pooling by learned attention.</summary>
    public static void Pool(Flow flow, PoolingDescription layer, WeightWriter weights)
    {
        var graph = flow.Graph;
        var hidden =
            graph.Tanh(graph.Add(graph.MatMul(flow.Tensor, weights.Transposed(layer.Name + ".weight")), weights.Write(layer.Name + ".bias")));
        var scores = TimeLast(graph, graph.MatMul(hidden, weights.Transposed(layer.Name + ".score")));
        flow.Vector(WeightedSteps(graph, scores, flow.HasLengths ? TimeLast(graph, flow.Mask) : null, graph.Transpose(flow.Tensor, 1, 0, 2), flow.Features),
            flow.Features);
    }

    /// <summary>Multi-head self-attention.</summary>
    public static void Export(Flow flow, SelfAttentionDescription layer, WeightWriter weights)
    {
        var graph = flow.Graph;
        var size = flow.Features / layer.Heads;
        string Project(string x, string part) =>
            graph.Add(graph.MatMul(x, weights.Transposed($"{layer.Name}.weight_{part}")), weights.Write($"{layer.Name}.bias_{part}"));
        // [time, batch, features] to [batch, heads, time, size], keys to [batch, heads, size, time].
        string Heads(string part, params long[] order) => graph.Transpose(graph.Reshape(Project(flow.Tensor, part), 0, 0, layer.Heads, size), order);

        var scores = graph.MatMul(Heads("query", 1, 2, 0, 3), Heads("key", 1, 2, 3, 0));
        scores = graph.Multiply(scores, 1 / MathF.Sqrt(size));
        if (flow.HasLengths) scores = graph.Where(graph.Unsqueeze(TimeLast(graph, flow.Mask), 1), scores, Masked);
        if (layer.Causal)
        {
            var steps = graph.Indices(flow.Tensor, 0);
            scores = graph.Where(graph.Less(graph.Reshape(steps, -1, 1), graph.Reshape(steps, 1, -1)), graph.Scalar(Masked), scores);
        }

        var context = graph.MatMul(graph.Softmax(scores, -1), Heads("value", 1, 2, 0, 3));
        var y = Project(graph.Reshape(graph.Transpose(context, 2, 0, 1, 3), 0, 0, flow.Features), "output");
        flow.Sequence(layer.Residual ? graph.Add(y, flow.Tensor) : y, flow.Features);
    }

    // [time, batch, 1] to [batch, 1, time].
    private static string TimeLast(OnnxGraphBuilder graph, string x) => graph.Transpose(x, 1, 2, 0);

    // The mean of states [batch, time, features], weighted by the softmax of scores [batch, 1, time] over the unmasked steps.
    private static string WeightedSteps(OnnxGraphBuilder graph, string scores, string? mask, string states, int features)
    {
        if (mask is not null) scores = graph.Where(mask, scores, Masked);
        return graph.Reshape(graph.MatMul(graph.Softmax(scores, -1), states), -1, features);
    }
}
