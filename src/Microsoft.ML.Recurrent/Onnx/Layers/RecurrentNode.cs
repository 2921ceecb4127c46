using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>An LSTM, GRU or RNN node of one layer, its weights written once for as many nodes as run with them.</summary>
internal sealed class RecurrentNode
{
    private readonly RecurrentDescription _layer;
    private readonly string _w, _r, _b;
    private readonly string? _projection;
    private readonly OnnxAttribute[] _attributes;

    private RecurrentNode(OnnxGraphBuilder graph, RecurrentDescription layer, WeightWriter weights)
    {
        _layer = layer;
        var gates = GateOrder.Of(layer.Cell);
        string[] suffixes = layer.Bidirectional ? ["", "_reverse"] : [""];
        string Join(Func<string, string> write) => graph.Concat(0, suffixes.Select(write).ToArray());

        _w = Join(suffix => weights.Gates($"{layer.Name}.weight_ih{suffix}", gates));
        _r = Join(suffix => weights.Gates($"{layer.Name}.weight_hh{suffix}", gates));
        // The bias is always there: with it, ONNX Runtime never took the wrong way for a GRU that resets after the product.
        _b = Join(suffix => graph.Concat(1, weights.Gates($"{layer.Name}.bias_ih{suffix}", gates), weights.Gates($"{layer.Name}.bias_hh{suffix}", gates)));
        _projection = layer.Projection > 0 ? Join(suffix => graph.Unsqueeze(weights.Write($"{layer.Name}.weight_hr{suffix}"), 0)) : null;
        if (_projection is not null) _r = graph.MatMul(_r, _projection);

        List<OnnxAttribute> attributes = [("hidden_size", (long)layer.HiddenSize), ("direction", layer.Bidirectional ? "bidirectional" : "forward")];
        if (layer.Cell is RecurrentCell.Gru) attributes.Add(("linear_before_reset", layer.ResetAfter ? 1L : 0L));
        if (layer.Cell is RecurrentCell.SimpleRnn) Activation(layer.Activation, suffixes.Length, attributes);
        _attributes = [.. attributes];
    }

    public static RecurrentNode Write(OnnxGraphBuilder graph, RecurrentDescription layer, WeightWriter weights) => new(graph, layer, weights);

    /// <summary>Adds a node.</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="x">[time, batch, features].</param>
    /// <param name="lengths">True steps of each row; empty where all count.</param>
    /// <param name="begin">The states before the first step; null for zeros. A projected layer begins with zeros.</param>
    /// <param name="keepsMemory">Whether an LSTM's last memory is asked for.</param>
    public RecurrentEnd Run(OnnxGraphBuilder graph, string x, string lengths, RecurrentEnd? begin = null, bool keepsMemory = false)
    {
        bool hasMemory = keepsMemory && _layer.Cell is RecurrentCell.Lstm;
        string[] inputs = [x, _w, _r, _b, .. begin is { H: var h, C: var memory } ? new[] { lengths, h }.Concat(memory is null ? [] : [memory]) : lengths.Length > 0 ? [lengths] : []];
        var outputs = graph.Nodes(_layer.Cell switch { RecurrentCell.Lstm => "LSTM", RecurrentCell.Gru => "GRU", _ => "RNN" }, inputs, hasMemory ? 3 : 2, _attributes);
        string? c = hasMemory ? outputs[2] : null;
        if (_projection is null) return new(outputs[0], outputs[1], c);
        string transposed = graph.Transpose(_projection, 0, 2, 1);
        return new(graph.MatMul(outputs[0], transposed), graph.MatMul(outputs[1], transposed), c);
    }

    private static void Activation(RecurrentActivation activation, int directions, List<OnnxAttribute> attributes)
    {
        // The default is not written: a node with this attribute may leave the GPU.
        if (activation is RecurrentActivation.Tanh) return;
        attributes.Add(("activations", Enumerable.Repeat(activation.ToString(), directions).ToArray()));
        float? alpha = activation switch { RecurrentActivation.LeakyRelu => 0.01f, RecurrentActivation.Elu => 1f, _ => null };
        if (alpha is float value) attributes.Add(("activation_alpha", Enumerable.Repeat(value, directions).ToArray()));
    }
}

/// <summary>What a recurrent node gives: all states [time, directions, batch, state], the last ones [directions, batch, state], and of an LSTM the last memory [directions, batch, hidden].</summary>
internal sealed record RecurrentEnd(string Y, string H, string? C);
