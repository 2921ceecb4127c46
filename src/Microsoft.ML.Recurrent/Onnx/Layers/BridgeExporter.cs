using Microsoft.ML.Recurrent.Layers;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>The initial states of a decoder's layers from the final states of the encoder's.</summary>
internal static class BridgeExporter
{
    /// <summary>The state of an encoder layer, passed on directly or through a bridge, [1, batch, size].</summary>
    public static RecurrentEnd Begin(OnnxGraphBuilder graph, WeightWriter weights, Flow flow, RecurrentDescription from, RecurrentDescription to)
    {
        var (_, end) = flow.Ends![from.Name];
        var hasMemory = to.Descriptor.HasMemory;
        if (!weights.Has($"{to.Name}_bridge_h.weight")) return end with { C = hasMemory ? end.C : null };
        return new("", graph.Tanh(Bridge("h", end.H, from.StateSize)),
            hasMemory ? Bridge("c", end.C ?? end.H, end.C is null ? from.StateSize : from.HiddenSize) : null);

        string Bridge(string part, string state, int size)
        {
            var side = graph.Reshape(graph.Transpose(state, 1, 0, 2), -1, size * (from.Bidirectional ? 2 : 1));
            return graph.Unsqueeze(weights.Gemm(side, $"{to.Name}_bridge_{part}"), 0);
        }
    }
}
