using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>One LSTM, GRU or RNN node a layer, both directions in it.</summary>
internal static class RecurrentExporter
{
    public static void Export(Flow flow, RecurrentDescription layer, WeightWriter weights)
    {
        var graph = flow.Graph;
        int directions = layer.Bidirectional ? 2 : 1, features = directions * layer.HiddenSize;
        var gates = GateOrder.Of(layer.Cell);
        string[] suffixes = layer.Bidirectional ? ["", "_reverse"] : [""];
        string Join(Func<string, string> write) => graph.Concat(0, suffixes.Select(write).ToArray());

        string w = Join(suffix => weights.Gates($"{layer.Name}.weight_ih{suffix}", gates));
        string r = Join(suffix => weights.Gates($"{layer.Name}.weight_hh{suffix}", gates));
        // The bias is always there: with it, ONNX Runtime never took the wrong way for a GRU that resets after the product.
        string b = Join(suffix => graph.Concat(1, weights.Gates($"{layer.Name}.bias_ih{suffix}", gates), weights.Gates($"{layer.Name}.bias_hh{suffix}", gates)));

        List<OnnxAttribute> attributes = [("hidden_size", (long)layer.HiddenSize), ("direction", layer.Bidirectional ? "bidirectional" : "forward")];
        if (layer.Cell is RecurrentCell.Gru) attributes.Add(("linear_before_reset", layer.ResetAfter ? 1L : 0L));
        if (layer.Cell is RecurrentCell.SimpleRnn) Activation(layer.Activation, directions, attributes);
        string[] inputs = flow.HasLengths ? [flow.Tensor, w, r, b, flow.Lengths] : [flow.Tensor, w, r, b];
        var outputs = graph.Nodes(layer.Cell switch { RecurrentCell.Lstm => "LSTM", RecurrentCell.Gru => "GRU", _ => "RNN" }, inputs, 2, [.. attributes]);

        // [time, directions, batch, hidden] to [time, batch, directions x hidden].
        string y = layer.Bidirectional ? graph.Reshape(graph.Transpose(outputs[0], 0, 2, 1, 3), 0, 0, features) : graph.Reshape(outputs[0], 0, -1, features);
        flow.Sequence(y, features, outputs[1]);
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
