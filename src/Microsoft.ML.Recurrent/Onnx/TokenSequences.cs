namespace Microsoft.ML.Recurrent.Onnx;

/// <summary>Sequences of token ids that other nodes of a graph make, padded at their end.</summary>
internal static class TokenSequences
{
    /// <summary>
    /// Ids, [batch, steps], with as many steps as the longest row has tokens, and at least one: layers cannot run over none. The number of steps follows from
    /// the lengths, so that no runtime infers it from the shape of a column, which ML.NET declares as 1 where it varies.
    /// </summary>
    public static string Trim(OnnxGraphBuilder graph, string ids, string lengths)
    {
        var longest = graph.ReduceMax(lengths, 0, keep: true);
        var steps = graph.Where(graph.Less(longest, graph.Scalar(1L)), graph.Constant(1L), longest);
        var padded = graph.Node("Pad", [ids, graph.Constant(0L, 0L, 0L, 1L), graph.Scalar(0L)]);
        return graph.Node("Slice", [padded, graph.Constant(0L), steps, graph.Constant(1L)]);
    }
}
