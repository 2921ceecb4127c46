using Microsoft.ML.Recurrent.Networks;

namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Writes the network over the letters of tokens, in which each token is a row.</summary>
internal static class LettersExporter
{
    /// <summary>Concatenates the vectors of the letters to those of the tokens.</summary>
    /// <param name="flow">The embedded tokens, [time, batch, features].</param>
    /// <param name="letters">The network.</param>
    /// <param name="input">The ids of the letters, int64 [batch, time, letters].</param>
    /// <param name="weights">The weights.</param>
    public static void Join(Flow flow, LettersDescription letters, string input, WeightWriter weights)
    {
        var graph = flow.Graph;
        // [letters, time x batch]; a token without letters has one of padding.
        var ids = graph.Reshape(graph.Transpose(input, 2, 1, 0), letters.Length, -1);
        var counts = graph.ReduceSum(graph.Cast(graph.Greater(ids, graph.Scalar(0L)), OnnxType.Int64), 0);
        var lengths = graph.Cast(graph.Where(graph.Greater(counts, graph.Scalar(0L)), counts, graph.Scalar(1L)), OnnxType.Int32);
        var words = new Flow(graph, ids, 0, lengths);
        foreach (var layer in letters.Layers) LayerExporter.Export(words, layer, weights);
        var shape = graph.Concat(0, graph.Unsqueeze(graph.Size(flow.Tensor, 0), 0), graph.Unsqueeze(graph.Size(flow.Tensor, 1), 0),
            graph.Constant((long)words.Features));
        flow.Sequence(graph.Concat(2, flow.Tensor, graph.Node("Reshape", [words.Tensor, shape])), flow.Features + words.Features);
    }
}
