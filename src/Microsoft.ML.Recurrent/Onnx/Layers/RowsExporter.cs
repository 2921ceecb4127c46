namespace Microsoft.ML.Recurrent.Onnx.Layers;

/// <summary>Rows of a batch that stand for several.</summary>
internal static class RowsExporter
{
    /// <summary>Indices of the rows, each so many times in a row: 0, 0, ..., 1, 1, ...; int64 [batch x count].</summary>
    /// <param name="graph">Where to.</param>
    /// <param name="batch">The number of rows, int64 scalar.</param>
    /// <param name="count">How often each.</param>
    public static string Repeated(OnnxGraphBuilder graph, string batch, int count)
    {
        string rows = graph.Unsqueeze(graph.Node("Range", [graph.Scalar(0L), batch, graph.Scalar(1L)]), 1);
        return graph.Reshape(graph.Node("Expand", [rows, graph.Constant(1L, count)]), -1);
    }
}
