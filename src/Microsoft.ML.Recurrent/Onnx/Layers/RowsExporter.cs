namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Repetition of the rows of a batch.</summary>
internal static class RowsExporter
{
    /// <summary>Row indices, each repeated: 0, 0, ..., 1, 1, ...; int64 [batch x count].</summary>
    /// <param name="graph">The target graph.</param>
    /// <param name="batch">The number of rows, int64 scalar.</param>
    /// <param name="count">The number of repetitions.</param>
    public static string Repeated(OnnxGraphBuilder graph, string batch, int count)
    {
        var rows = graph.Unsqueeze(graph.Node("Range", [graph.Scalar(0L), batch, graph.Scalar(1L)]), 1);
        return graph.Reshape(graph.Node("Expand", [rows, graph.Constant(1L, count)]), -1);
    }
}
